"""Word documents, straight from the XML inside.

fields     what fields show
numbering  numbers of headings and list items
reader     the main line: every sentence once, where a reader meets it
runs       what a paragraph says, and what hangs on it
styles     what styles make of a paragraph
tables     tables as rows of cells
"""
