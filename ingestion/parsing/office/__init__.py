"""Office documents (OOXML).

docx/         Word
drawings      charts and shapes
omml          formulas as LaTeX
pptx/         PowerPoint
sanitize      packages, cleaned before they are parsed
symbol_fonts  characters of Symbol and Wingdings
"""
