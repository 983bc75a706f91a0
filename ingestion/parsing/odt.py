"""OpenDocument texts (ODT), straight from the XML inside."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingestion.parsing.cleaning import clean_elements, title_of
from ingestion.parsing.elements import Category, Element, ListItem, NarrativeText, Parsed, Title, make_element
from ingestion.parsing.opendocument import (
    HANGING,
    STYLE,
    TABLE,
    TEXT,
    UNSEEN,
    cell_words,
    open_document,
    repeated,
    words,
)
from ingestion.parsing.options import Options
from ingestion.parsing.progress import Progress
from ingestion.parsing.tables import LONGEST_REPEATED, LONGEST_SPAN, WIDEST, table_elements, without_empty_columns


def read_odt(path: Path, *, name: str, password: str | None, progress: Progress, options: Options) -> Parsed:
    """A text made with LibreOffice and its like."""
    content, body, title = open_document(path, "text")
    elements = clean_elements(_blocks(body, _title_styles(content), in_list=False))
    return Parsed(tuple(elements), title_of(title, elements))


def _title_styles(content: Any) -> set[str]:
    """The names of paragraph styles that mean the document's title, automatic ones included."""
    derived = {
        style.get(f"{STYLE}name")
        for style in content.iter(f"{STYLE}style")
        if style.get(f"{STYLE}parent-style-name") == "Title"
    }
    return derived | {"Title"}


def _blocks(parent: Any, title_styles: set[str], *, in_list: bool) -> Iterator[Element]:
    for block in parent:
        if block.tag == f"{TEXT}h":
            yield make_element(Title, words(block), level=_level(block))
        elif block.tag == f"{TEXT}p":
            yield make_element(_paragraph_kind(block, title_styles, in_list=in_list), words(block))
            yield from _boxes(block, title_styles)
        elif block.tag == f"{TABLE}table":
            yield from table_elements(without_empty_columns(table_rows(block)))
        elif isinstance(block.tag, str) and block.tag not in UNSEEN:
            listed = block.tag == f"{TEXT}list-item" or (in_list and block.tag == f"{TEXT}list")
            yield from _blocks(block, title_styles, in_list=listed)


def _paragraph_kind(block: Any, title_styles: set[str], *, in_list: bool) -> Category:
    if block.get(f"{TEXT}style-name") in title_styles:
        return Title
    return ListItem if in_list else NarrativeText


def _level(heading: Any) -> int:
    value = heading.get(f"{TEXT}outline-level") or "1"
    return min(max(int(value), 1), 10) if value.isdecimal() else 1


def _boxes(paragraph: Any, title_styles: set[str]) -> Iterator[Element]:
    """What stands in text boxes and notes anchored in a paragraph, after it."""
    for box in paragraph.iter(*HANGING):
        yield from _blocks(box, title_styles, in_list=False)


def table_rows(table: Any) -> list[list[str]]:
    """The rows of a table; a cell that spans several stands in each, so that every row tells all."""
    rows: list[list[str]] = []
    below: dict[int, tuple[int, str]] = {}  # Column → how often a cell still covers it, and its text.
    for row in table.iter(f"{TABLE}table-row"):
        cells: list[str] = []
        for cell in row.iterchildren(f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
            text = cell_words(cell)
            if cell.tag == f"{TABLE}covered-table-cell" and not text:
                text = _covering(cells, below)
            again = text if len(text) <= LONGEST_REPEATED else ""
            across, down = _count(cell, "columns"), _count(cell, "rows")
            below.update(dict.fromkeys(range(len(cells) + 1, len(cells) + across), (down, again)))
            if down > 1:
                below[len(cells)] = (down - 1, again)
            cells.extend([text] * min(repeated(cell, "columns"), WIDEST - min(len(cells), WIDEST)))
        rows.append(cells)
    return rows


def _covering(cells: list[str], below: dict[int, tuple[int, str]]) -> str:
    """The text of the cell that covers the next place."""
    left, text = below.pop(len(cells), (0, ""))
    if left > 1:
        below[len(cells)] = (left - 1, text)
    return text


def _count(cell: Any, name: str) -> int:
    value = cell.get(f"{TABLE}number-{name}-spanned") or "1"
    return min(int(value), LONGEST_SPAN) if value.isdecimal() and len(value) < 9 else 1
