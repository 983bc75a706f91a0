"""Spreadsheets of any format: a heading per sheet, a described table per block of cells.

Not by pandas, which turns a column of numbers with a gap into floats: part number 1234567890123
becomes 1.234568e+12. Readers of file formats make the sheets, see `cells`.
"""

from collections.abc import Iterable, Iterator, Mapping

from ingestion.errors.exceptions import TOO_LARGE, UnreadableDocument
from ingestion.parsing.elements import (
    Element,
    FigureCaption,
    NarrativeText,
    Parsed,
    Title,
    make_element,
)
from ingestion.parsing.options import Options
from ingestion.parsing.progress import Progress
from ingestion.parsing.spreadsheets.cells import Cells, Merged, Sheet, letters_of
from ingestion.parsing.text.cleaning import clean_elements, sensible_title
from ingestion.parsing.text.tables import MAX_REPEATED_CHARACTERS, table_elements

MAX_NAMES = 12
MAX_NAME_CHARACTERS = 40
MAX_FILLED_ROWS = 10_000
HIDDEN = "{} (hidden)"


def parsed_sheets(
    sheets: Iterable[Sheet], title: str, progress: Progress, options: Options
) -> Parsed:
    """The document that consists of `sheets`."""
    elements: list[Element] = []
    budget = CellBudget(options.max_cells)
    for done, sheet in enumerate(sheets, start=1):
        if found := clean_elements(_sheet_elements(sheet, budget)):
            heading = HIDDEN.format(sheet.title) if sheet.is_hidden else sheet.title
            elements += clean_elements([make_element(Title, heading, level=1)])
            elements += found
        progress(1 - 0.5**done)
    return Parsed(tuple(elements), sensible_title(title))


class CellBudget:
    """The number of cells that a document may still have."""

    def __init__(self, cells: int) -> None:
        self._allowed = self._left = cells

    def counted(self, rows: Iterable[tuple[int, Cells]]) -> Iterator[tuple[int, Cells]]:
        """Yield `rows`; raises UnreadableDocument once their cells exceed the budget."""
        for row, cells in rows:
            self._left -= len(cells)
            if self._left < 0:
                raise UnreadableDocument(TOO_LARGE, f"cells:{self._allowed}")
            yield row, cells


def _sheet_elements(sheet: Sheet, budget: CellBudget) -> Iterator[Element]:
    header: Cells = {}
    spans: dict[int, list[Merged]] = {span.top: [] for span in sheet.merged}
    for span in sheet.merged:
        spans[span.top].append(span)
    for block in _blocks(budget.counted(_filled_down(sheet.rows, sheet.merged))):
        _fill_across(block, spans)
        # The header is the first row with more than one cell.
        place = next((place for place, (_row, cells) in enumerate(block) if len(cells) > 1), None)
        if place is None:
            yield from (
                make_element(NarrativeText, " ".join(cells.values())) for _row, cells in block
            )
            continue
        if header and place == 0 and _continues(header, block[0][1]):
            block.insert(0, (block[0][0], header))
        else:
            _join_header(block, place, spans)
            header = block[place][1]
        columns = sorted({column for _row, cells in block for column in cells})
        if len(block) - place > 1:
            yield make_element(FigureCaption, _description(sheet.title, block, place, columns))
        yield from table_elements(
            [cells.get(column, "") for column in columns] for _row, cells in block
        )
    yield from sheet.beside()


def _description(title: str, block: list[tuple[int, Cells]], place: int, columns: list[int]) -> str:
    """The range of a table and its columns: "Orders!A3:F120: Region, Product, Amount"."""
    (first, header), last = block[place], block[-1][0]
    names = [
        " ".join(header[column].split())[:MAX_NAME_CHARACTERS]
        for column in columns
        if header.get(column, "").strip()
    ]
    area = f"{letters_of(columns[0])}{first}:{letters_of(columns[-1])}{last}"
    return f"{title}!{area}: {', '.join(names[:MAX_NAMES])}{' …' if len(names) > MAX_NAMES else ''}"


def _filled_down(
    rows: Iterable[tuple[int, Cells]], merged: list[Merged]
) -> Iterator[tuple[int, Cells]]:
    """The rows, with cells that are merged downwards repeated in each row."""
    starting = {(span.top, span.left): span for span in merged if span.bottom > span.top}
    open_spans: dict[int, tuple[int, str]] = {}
    for row, cells in rows:
        for column, (bottom, text) in list(open_spans.items()):
            if row > bottom:
                del open_spans[column]
            else:
                cells.setdefault(column, text)
        for column in [column for column in cells if starting and (row, column) in starting]:
            if len(cells[column]) <= MAX_REPEATED_CHARACTERS:
                open_spans[column] = (
                    min(starting[row, column].bottom, row + MAX_FILLED_ROWS),
                    cells[column],
                )
        yield row, cells


def _blocks(rows: Iterable[tuple[int, Cells]]) -> Iterator[list[tuple[int, Cells]]]:
    """The blocks of rows between empty rows."""
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
    """Repeat cells merged sideways in each column; a row with one cell is a title and stays."""
    for row, cells in block if spans else ():
        for span in spans.get(row, ()) if len(cells) > 1 else ():
            text = cells.get(span.left, "")
            if 0 < len(text) <= MAX_REPEATED_CHARACTERS:
                for column in range(span.left + 1, span.right + 1):
                    cells.setdefault(column, text)


def _continues(header: Cells, cells: Cells) -> bool:
    """Whether a row after a gap continues the table: no wider, with numbers under header words."""
    return set(cells) <= set(header) and any(
        _is_number(text) and not _is_number(header[column]) for column, text in cells.items()
    )


def _join_header(
    block: list[tuple[int, Cells]], place: int, spans: Mapping[int, list[Merged]]
) -> None:
    """Join a header of two rows, in which cells of the first span several of the second."""
    row, cells = block[place]
    is_wide = any(span.right > span.left for span in spans.get(row, ()))
    if not is_wide or len(block) - place < 3 or any(map(_is_number, block[place + 1][1].values())):
        return
    below = block.pop(place + 1)[1]
    for column, text in below.items():
        above = cells.get(column, "")
        cells[column] = f"{above} {text}" if above and above != text else text


def _is_number(text: str) -> bool:
    return text.replace(",", "").replace(".", "", 1).lstrip("-").removesuffix("%").isdecimal()
