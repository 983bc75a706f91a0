"""Spreadsheets.

Main line: a reader such as `read_xlsx()` makes sheets of a file; `parsed_sheets()` in grid.py makes
elements of sheets.

cells            cells, merged ranges, sheets, references
csv_tables       CSV and TSV
grid             from sheets of any format to elements
number_formats/  cells as the spreadsheet program shows them
xls              workbooks before 2007
xlsb             binary workbooks
xlsx             workbooks
xlsx_comments    notes and discussions on cells
xlsx_links       addresses behind cells, formulas without a value
"""
