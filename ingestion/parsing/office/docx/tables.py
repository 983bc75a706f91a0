"""Tables of Word documents as rows of cells: merged cells filled, header rows joined.

`reader` reads the contents of cells, since a cell may hold any block.
"""

from collections.abc import Callable, Iterator
from typing import Any

from ingestion.parsing.text.tables import (
    MAX_REPEATED_CHARACTERS,
    MAX_SPAN_CELLS,
    MAX_TABLE_COLUMNS,
    one_header,
)

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
VAL = f"{W}val"
WRAPPERS = {
    f"{W}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag")
}

TextOf = Callable[[Any], str]


def cells_of(row: Any) -> list[Any]:
    """The cells of a row, or the rows of a table, also those inside wrappers."""
    wanted = f"{W}tc" if row.tag == f"{W}tr" else f"{W}tr"
    return list(_found(row, wanted))


def _found(node: Any, wanted: str) -> Iterator[Any]:
    for child in node:
        if child.tag == wanted:
            yield child
        elif child.tag in WRAPPERS:
            yield from _found(child, wanted)


def is_layout(table: Any) -> bool:
    """Whether a table only frames its content: no row has more than one cell."""
    return all(len(cells_of(row)) <= 1 for row in cells_of(table))


def table_rows(table: Any, text_of: TextOf) -> list[list[str]]:
    """The rows of a table; a merged cell is repeated in each place."""
    rows: list[list[str]] = []
    headers = 0
    above: dict[int, str] = {}
    for row in cells_of(table):
        if row.find(f"{W}trPr/{W}del") is not None:
            continue
        mark = row.find(f"{W}trPr/{W}tblHeader")
        if headers == len(rows) and mark is not None and mark.get(VAL) not in ("0", "false", "off"):
            headers += 1
        rows.append(_row(row, above, text_of))
    return [one_header(rows[:headers]), *rows[headers:]] if headers > 1 else rows


def _row(row: Any, above: dict[int, str], text_of: TextOf) -> list[str]:
    cells = [""] * _count(row.find(f"{W}trPr/{W}gridBefore"), 0)
    for cell in cells_of(row):
        properties = cell.find(f"{W}tcPr")
        span = 1 if properties is None else _count(properties.find(f"{W}gridSpan"), 1)
        merge = None if properties is None else properties.find(f"{W}vMerge")
        if merge is not None and merge.get(VAL) in (None, "continue"):
            text = above.get(len(cells), "")
            again = text
        else:
            text = text_of(cell)
            again = text if len(text) <= MAX_REPEATED_CHARACTERS else ""
            above.update(dict.fromkeys(range(len(cells), len(cells) + span), again))
        cells.extend([text, *[again] * (span - 1)])
    return cells[:MAX_TABLE_COLUMNS]


def _count(node: Any, default: int) -> int:
    value = "" if node is None else node.get(VAL) or ""
    return min(int(value), MAX_SPAN_CELLS) if value.isdecimal() and len(value) < 9 else default
