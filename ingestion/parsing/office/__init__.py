"""Office documents (OOXML).

docx/         Word
drawings      charts and shapes
omml          formulas as LaTeX
pptx/         PowerPoint
sanitize      packages made clean before a library sees them
symbol_fonts  characters of Symbol and Wingdings
"""
