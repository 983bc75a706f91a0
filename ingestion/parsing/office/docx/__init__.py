"""Word documents, read from the XML inside.

fields     results of fields
numbering  numbers of headings and list items
reader     the main line: blocks in reading order
runs       the text of a paragraph and its anchored objects
styles     headings, list items and captions by style
tables     tables as rows of cells
"""
