"""PDF by PDFium. What the lines of a page make up is decided in `layout`.

form_fields    values of form fields, and notes on pages
lines          the lines of a page and their boxes
links          addresses behind links
reader         the main line: page by page, bookmarks, passwords
scanned_pages  what a page shows but does not say
"""
