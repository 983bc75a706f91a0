"""PDF, read by PDFium. `layout` decides which lines form headings, paragraphs and tables.

form_fields    values of form fields, and notes on pages
lines          the lines of a page and their boxes
links          addresses behind links
reader         the main line: page by page, bookmarks, passwords
scanned_pages  text recognition for scans and pictures
"""
