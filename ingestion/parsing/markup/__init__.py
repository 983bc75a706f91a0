"""Markup.

article        a fetched web page without menus and notices
deep_nesting   pages nested deeper than a parser follows
epub           e-books
mathml         formulas as LaTeX
pages          a parsed web page into elements
reader         HTML and Markdown, from bytes to a parsed page
rendered_text  text that a browser draws without it being in the page
safe_xml       XML without entities, document types or network
xml_text       XML of no known kind
"""
