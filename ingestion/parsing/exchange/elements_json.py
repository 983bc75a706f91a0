"""Rows as the JSON of `unstructured`, written without importing that library.

Fields that follow from a row are computed here. The module `unstructured` reads such JSON.
"""

import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from html import escape
from typing import Any, Final

from ingestion.parsing.parsed import TABLE, TITLE, ElementRow

Json = dict[str, Any]
_CELL: Final = re.compile(r"(?<!\\)\|")


def as_json(rows: Iterable[ElementRow], filename: str, media_type: str) -> Iterator[Json]:
    """Yield `rows` as elements in the JSON of `unstructured`; equal documents get equal ids.

    An id is the hash of `Element.id_to_hash()`, but with a position in the whole document, so that
    ids are unique.
    """
    above: list[tuple[int, str]] = []
    for number, row in enumerate(rows):
        of = f"{filename}{row.text}{row.page}{number}"
        element_id = sha256(of.encode(errors="replace")).hexdigest()[:32]
        metadata: Json = {"filename": filename, "filetype": media_type}
        if row.page is not None:
            metadata["page_number"] = row.page
        if row.type == TITLE:
            level = row.level or 0
            above = [(higher, parent) for higher, parent in above if higher < level]
            metadata["category_depth"] = max(level - 1, 0)
            if not level:
                metadata["style_name"] = "Title"
        if above:
            metadata["parent_id"] = above[-1][1]
        if row.type == TITLE:
            above.append((level, element_id))
        if row.box:
            # The corners from the upper left on, y counted from the bottom as
            # `RelativeCoordinateSystem` does.
            box = row.box
            left, right, top, bottom = (
                box.left,
                box.right,
                round(1 - box.top, 4),
                round(1 - box.bottom, 4),
            )
            points = [[left, top], [left, bottom], [right, bottom], [right, top]]
            coordinates = {"points": points, "system": "RelativeCoordinateSystem"}
            metadata["coordinates"] = coordinates | {"layout_width": 1, "layout_height": 1}
        if row.type == TABLE:
            metadata["text_as_html"] = html_of(row.text)
        yield {"type": row.type, "element_id": element_id, "text": row.text, "metadata": metadata}


def html_of(table: str) -> str:
    """Return the HTML of a table in the Markdown that readers write."""
    header, _rule, *lines = table.split("\n") if "\n" in table else (table, "")
    rows = ["".join(f"<td>{cell}</td>" for cell in _cells(line)) for line in lines]
    top = "".join(f"<th>{cell}</th>" for cell in _cells(header))
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in (top, *rows)) + "</table>"


def _cells(line: str) -> Iterator[str]:
    inner = line.strip().removeprefix("|").removesuffix("|")
    return (escape(cell.strip().replace("\\|", "|"), quote=False) for cell in _CELL.split(inner))
