"""OpenDocument texts (ODT), read from the XML inside."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingestion.parsing.elements import (
    Category,
    Element,
    ListItem,
    NarrativeText,
    Parsed,
    Title,
    make_element,
)
from ingestion.parsing.opendocument.numbering import ListNumbers, Place
from ingestion.parsing.opendocument.package import (
    ADDRESS,
    HANGING,
    LINK,
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
from ingestion.parsing.text.cleaning import clean_elements, title_of
from ingestion.parsing.text.links import address_beside
from ingestion.parsing.text.tables import (
    MAX_REPEATED_CHARACTERS,
    MAX_SPAN_CELLS,
    MAX_TABLE_COLUMNS,
    table_elements,
    without_empty_columns,
)


def read_odt(
    path: Path, *, name: str, password: str | None, progress: Progress, options: Options
) -> Parsed:
    """Read an OpenDocument text."""
    content, body, title, styles = open_document(path, "text")
    elements = clean_elements(
        TextReader(_title_styles(content), ListNumbers(*styles)).blocks(body, Place())
    )
    return Parsed(tuple(elements), title_of(title, elements))


def _title_styles(content: Any) -> set[str]:
    """The names of paragraph styles for the document's title, including automatic styles."""
    derived = {
        style.get(f"{STYLE}name")
        for style in content.iter(f"{STYLE}style")
        if style.get(f"{STYLE}parent-style-name") == "Title"
    }
    return derived | {"Title"}


class TextReader:
    """Reads the blocks of one document in order, because the list numbers depend on it."""

    def __init__(self, title_styles: set[str], numbers: ListNumbers) -> None:
        self._title_styles, self._numbers = title_styles, numbers
        self._label = ""  # The number to show before the next block, which begins a list item.

    def blocks(self, parent: Any, place: Place, *, in_item: bool = False) -> Iterator[Element]:
        """Read the blocks in `parent`, whose list is `place`."""
        for block in parent:
            if block.tag == f"{TEXT}h":
                yield from self._heading(block, in_list=place.depth > 0)
            elif block.tag == f"{TEXT}p":
                kind: Category = ListItem if in_item else NarrativeText
                kind = Title if block.get(f"{TEXT}style-name") in self._title_styles else kind
                yield make_element(kind, self._labelled(words(block)))
                for box in block.iter(*HANGING):
                    yield from self.blocks(box, Place())
            elif block.tag == f"{TABLE}table":
                yield from table_elements(without_empty_columns(table_rows(block)))
            elif block.tag == f"{TEXT}list":
                yield from self.blocks(block, self._numbers.enter(block, place), in_item=in_item)
            elif isinstance(block.tag, str) and block.tag not in UNSEEN:
                is_item = block.tag == f"{TEXT}list-item"
                if is_item:
                    self._label = self._numbers.item_label(block, place)
                yield from self.blocks(block, place, in_item=is_item)
                self._label = ""

    def _heading(self, heading: Any, *, in_list: bool) -> Iterator[Element]:
        """A heading, and below it the addresses of its links."""
        outline = heading.get(f"{TEXT}outline-level") or "1"
        level = min(max(int(outline), 1), 10) if outline.isdecimal() else 1
        said = words(heading, with_addresses=False)
        if not in_list and said.strip():
            self._label = self._numbers.heading_label(heading, level)
        yield make_element(Title, self._labelled(said), level=level)
        for link in heading.iter(LINK):
            yield make_element(NarrativeText, address_beside(said, link.get(ADDRESS)))

    def _labelled(self, text: str) -> str:
        label, self._label = self._label, ""
        return f"{label} {text}" if label and text.strip() else text


def table_rows(table: Any) -> list[list[str]]:
    """The rows of a table; a merged cell is repeated in each place."""
    rows: list[list[str]] = []
    below: dict[
        int, tuple[int, str]
    ] = {}  # Column → rows still covered by a cell from above, and its text.
    for row in table.iter(f"{TABLE}table-row"):
        cells: list[str] = []
        for cell in row.iterchildren(f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
            text = cell_words(cell)
            if cell.tag == f"{TABLE}covered-table-cell" and not text:
                # The text of the cell that covers this one.
                left, text = below.pop(len(cells), (0, ""))
                if left > 1:
                    below[len(cells)] = (left - 1, text)
            again = text if len(text) <= MAX_REPEATED_CHARACTERS else ""
            across, down = _count(cell, "columns"), _count(cell, "rows")
            below.update(dict.fromkeys(range(len(cells) + 1, len(cells) + across), (down, again)))
            if down > 1:
                below[len(cells)] = (down - 1, again)
            cells.extend(
                [text]
                * min(
                    repeated(cell, "columns"),
                    MAX_TABLE_COLUMNS - min(len(cells), MAX_TABLE_COLUMNS),
                )
            )
        rows.append(cells)
    return rows


def _count(cell: Any, name: str) -> int:
    value = cell.get(f"{TABLE}number-{name}-spanned") or "1"
    return min(int(value), MAX_SPAN_CELLS) if value.isdecimal() and len(value) < 9 else 1
