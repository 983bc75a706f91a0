"""Markup.

article        a fetched web page without menus and notices
deep_nesting   pages nested too deeply for a parser
epub           e-books
mathml         formulas as LaTeX
pages          from a parsed web page to elements
reader         HTML and Markdown, from bytes to a parsed page
rendered_text  generated text: list numbers, powers, formulas, addresses
safe_xml       XML without entities, document types or network
xml_text       XML of any vocabulary
"""
