"""Spreadsheets of any kind: each sheet a heading, each block of cells a table with its header and a line about it.

Not through pandas: there a column of numbers with a gap turns into floats, so that part number 1234567890123 becomes
1.234568e+12. What is in a file is found out by `xlsx` and its like; here its rows become elements.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from ingestion.errors.exceptions import TOO_LARGE, UnreadableDocument
from ingestion.parsing.elements import Element, FigureCaption, NarrativeText, Parsed, Title, make_element
from ingestion.parsing.office.sanitize import core_title, open_office
from ingestion.parsing.options import Options
from ingestion.parsing.progress import Progress
from ingestion.parsing.text.cleaning import clean_elements, sensible_title
from ingestion.parsing.text.tables import LONGEST_REPEATED, table_elements

Cells = dict[int, str]  # By column, from 0; only what has something in it.
MOST_NAMES = 12
LONGEST_NAME = 40
FILLED_DOWN = 10_000
HIDDEN = "{} (hidden)"
RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?")
NOWHERE = -1


class Merged(NamedTuple):
    """A range of cells that looks like one; rows from 1, columns from 0."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its rows with their numbers, and what stands `beside` its cells (comments, charts)."""

    title: str
    is_hidden: bool
    rows: Iterable[tuple[int, Cells]]
    merged: list[Merged] = field(default_factory=list)
    beside: Callable[[], Iterable[Element]] = tuple


def read_xlsx(path: Path, *, name: str, password: str | None, progress: Progress, options: Options) -> Parsed:
    """A workbook: what its cells show, formulas by their last result."""
    from ingestion.parsing.spreadsheets.xlsx import Workbook

    package = open_office(path, password)
    return parsed_sheets(Workbook(package, options).sheets(), core_title(package), progress, options)


def parsed_sheets(sheets: Iterable[Sheet], title: str, progress: Progress, options: Options) -> Parsed:
    """The document that consists of `sheets`."""
    elements: list[Element] = []
    budget = Budget(options.max_cells)
    for done, sheet in enumerate(sheets, start=1):
        if found := clean_elements(_sheet_elements(sheet, budget)):
            heading = HIDDEN.format(sheet.title) if sheet.is_hidden else sheet.title
            elements += clean_elements([make_element(Title, heading, level=1)])
            elements += found
        progress(1 - 0.5**done)
    return Parsed(tuple(elements), sensible_title(title))


class Budget:
    """How many cells a document may have."""

    def __init__(self, cells: int) -> None:
        self._allowed = self._left = cells

    def counted(self, rows: Iterable[tuple[int, Cells]]) -> Iterator[tuple[int, Cells]]:
        """The rows, as long as their cells are not too many.

        Raises UnreadableDocument once they are.
        """
        for row, cells in rows:
            self._left -= len(cells)
            if self._left < 0:
                raise UnreadableDocument(TOO_LARGE, f"cells:{self._allowed}")
            yield row, cells


def _sheet_elements(sheet: Sheet, budget: Budget) -> Iterator[Element]:
    header: Cells = {}
    spans: dict[int, list[Merged]] = {span.top: [] for span in sheet.merged}
    for span in sheet.merged:
        spans[span.top].append(span)
    for block in _blocks(budget.counted(_filled_down(sheet.rows, sheet.merged))):
        _fill_across(block, spans)
        place = _place_of_header(block)
        if place is None:
            yield from (make_element(NarrativeText, " ".join(cells.values())) for _row, cells in block)
            continue
        if header and place == 0 and _continues(header, block[0][1]):
            block.insert(0, (block[0][0], header))
        else:
            _join_header(block, place, spans)
            header = block[place][1]
        yield from _block_elements(sheet.title, block, place)
    yield from sheet.beside()


def _block_elements(title: str, block: list[tuple[int, Cells]], place: int) -> Iterator[Element]:
    columns = sorted({column for _row, cells in block for column in cells})
    if len(block) - place > 1:
        yield make_element(FigureCaption, _description(title, block, place, columns))
    yield from table_elements([cells.get(column, "") for column in columns] for _row, cells in block)


def _description(title: str, block: list[tuple[int, Cells]], place: int, columns: list[int]) -> str:
    """Where the table is and what its columns are: "Orders!A3:F120: Region, Product, Amount"."""
    (first, header), last = block[place], block[-1][0]
    names = [" ".join(header[column].split())[:LONGEST_NAME] for column in columns if header.get(column, "").strip()]
    area = f"{letters_of(columns[0])}{first}:{letters_of(columns[-1])}{last}"
    return f"{title}!{area}: {', '.join(names[:MOST_NAMES])}{' …' if len(names) > MOST_NAMES else ''}"


@lru_cache(maxsize=20_000)
def column_of(letters: str) -> int:
    """The number of a column from 0; NOWHERE if these are no letters of one."""
    if not (letters.isascii() and letters.isalpha()):
        return NOWHERE
    found = 0
    for letter in letters[:3].upper():
        found = found * 26 + ord(letter) - 64
    return found - 1


def area_of(reference: str) -> Merged | None:
    """The range that a reference names: "B2:C4", or one cell."""
    found = RANGE.fullmatch(reference)
    if found is None:
        return None
    top, left = int(found[2]), column_of(found[1])
    return Merged(top, left, int(found[4] or top), column_of(found[3]) if found[3] else left)


def letters_of(column: int) -> str:
    """The letters of a column, counted from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _filled_down(rows: Iterable[tuple[int, Cells]], merged: list[Merged]) -> Iterator[tuple[int, Cells]]:
    """The rows, cells that are merged downwards told in each of them."""
    starting = {(span.top, span.left): span for span in merged if span.bottom > span.top}
    open_spans: dict[int, tuple[int, str]] = {}
    for row, cells in rows:
        for column, (bottom, text) in list(open_spans.items()):
            if row > bottom:
                del open_spans[column]
            else:
                cells.setdefault(column, text)
        for column in [column for column in cells if starting and (row, column) in starting]:
            if len(cells[column]) <= LONGEST_REPEATED:
                open_spans[column] = (min(starting[row, column].bottom, row + FILLED_DOWN), cells[column])
        yield row, cells


def _blocks(rows: Iterable[tuple[int, Cells]]) -> Iterator[list[tuple[int, Cells]]]:
    """The rows between empty ones."""
    block: list[tuple[int, Cells]] = []
    for row, cells in rows:
        if block and row > block[-1][0] + 1:
            yield block
            block = []
        if any(text.strip() for text in cells.values()):
            block.append((row, cells))
    if block:
        yield block


def _fill_across(block: list[tuple[int, Cells]], spans: Mapping[int, list[Merged]]) -> None:
    """Tell cells that are merged sideways in each column; a line that is nothing but one cell is a title and stays."""
    for row, cells in block if spans else ():
        if len(cells) > 1:
            for span in spans.get(row, ()):
                text = cells.get(span.left, "")
                for column in range(span.left + 1, span.right + 1) if 0 < len(text) <= LONGEST_REPEATED else ():
                    cells.setdefault(column, text)


def _place_of_header(block: list[tuple[int, Cells]]) -> int | None:
    """Where the first row with more than one cell is."""
    return next((place for place, (_row, cells) in enumerate(block) if len(cells) > 1), None)


def _join_header(block: list[tuple[int, Cells]], place: int, spans: Mapping[int, list[Merged]]) -> None:
    """Make a header of two rows one, where cells of the first are merged over several of the second."""
    row, cells = block[place]
    is_wide = any(span.right > span.left for span in spans.get(row, ()))
    if not is_wide or len(block) - place < 3 or any(map(_is_number, block[place + 1][1].values())):
        return
    below = block.pop(place + 1)[1]
    for column, text in below.items():
        above = cells.get(column, "")
        cells[column] = f"{above} {text}" if above and above != text else text


def _continues(header: Cells, cells: Cells) -> bool:
    """Whether a row after a gap is more of the table above: no wider, with numbers where the header has words."""
    if not set(cells) <= set(header):
        return False
    return any(_is_number(text) and not _is_number(header[column]) for column, text in cells.items())


def _is_number(text: str) -> bool:
    return text.replace(",", "").replace(".", "", 1).lstrip("-").removesuffix("%").isdecimal()
