"""Text files.

json_text    JSON and lines of JSON
org          Org
reader       plain text in any encoding
rst          reStructuredText
rst_tables   tables drawn with characters
rtf          rich text
source_code  source code
"""
