"""From pages of lines to elements, in reading order and without running headers.

Main line: `elements_of()` in elements.py. The lines come from `pdf.lines` and `ocr.page_lines`.

elements         from pages to elements: the order of all steps, hyphens, title
headings         which lines are headings, by size and weight
lines            Line and Page
paragraphs       lines joined to paragraphs
prose            whether lines are prose or columns of figures
reading_order    columns
running_headers  lines that repeat in the margins
tables           tables by the places of their cells
"""

from ingestion.parsing.layout.elements import Bookmarks, elements_of
from ingestion.parsing.layout.lines import HYPHEN, Line, Page

__all__ = ["HYPHEN", "Bookmarks", "Line", "Page", "elements_of"]
