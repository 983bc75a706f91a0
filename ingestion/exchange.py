"""The elements of documents in the JSON of `unstructured`, for other programs: `elements_of(document)`.

What can be derived from a row is derived here: ids, parents, tables as HTML. `unstructured` itself is not imported.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import sha256
from html import escape
from threading import BoundedSemaphore
from typing import Any, Final

from django.utils.translation import gettext as _

from ingestion import blobs, versions
from ingestion.exceptions import UnreadableDocument
from ingestion.models import Document
from ingestion.parsed_texts import Reading
from ingestion.parsers import options_of, parser_pool
from ingestion.parsing.parsed import TABLE, TITLE, Box, ElementRow, ParsedDocument
from web.exceptions import Refusal

Json = dict[str, Any]
_CELL: Final = re.compile(r"(?<!\\)\|")
_parsing: Final = BoundedSemaphore(1)


def elements_of(document: Document) -> list[Json]:
    """Return the elements of the version of `document` that serves; none where none does.

    Raises Refusal where its text is no longer kept and cannot be read again now.
    """
    if document.serving is None:
        return []
    serving = versions.version_of(document, document.serving)
    options = options_of(document.workspace)
    reading = Reading(document.workspace_id, serving.blob_id, serving.media_type, document.name, options)
    server = (document.parsed_by or {}).get("slug", "")
    elsewhere = replace(reading, options=replace(options, parse_server=server))
    parsed = elsewhere.kept() or reading.kept() or _read_again(reading)
    return list(as_json(parsed.elements, document.name, serving.media_type))


def _read_again(reading: Reading) -> ParsedDocument:
    if not _parsing.acquire(blocking=False):
        message = _("The server reads another document at the moment; try again in a minute.")
        raise Refusal(message, code="busy", status=503)
    try:
        path = blobs.path_of(reading.blob)
        parsed = parser_pool().parse(path, reading.media_type, name=reading.name, options=reading.options)
    except UnreadableDocument as exc:
        raise Refusal(exc.message, code=exc.code, status=409) from exc
    finally:
        _parsing.release()
    reading.keep(parsed)
    return parsed


def as_json(rows: Iterable[ElementRow], filename: str, media_type: str) -> Iterator[Json]:
    """Yield `rows` as `unstructured` writes elements, with the same ids whenever the same text is given.

    An id is the hash that `Element.id_to_hash` makes, but counts over the document, so that none comes twice.
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
            metadata["coordinates"] = _coordinates(row.box)
        if row.type == TABLE:
            metadata["text_as_html"] = html_of(row.text)
        yield {"type": row.type, "element_id": element_id, "text": row.text, "metadata": metadata}


def _coordinates(box: Box) -> Json:
    """Return the corners from the upper left on, y counted from the bottom as `RelativeCoordinateSystem` does."""
    left, right, top, bottom = box.left, box.right, round(1 - box.top, 4), round(1 - box.bottom, 4)
    points = [[left, top], [left, bottom], [right, bottom], [right, top]]
    return {"points": points, "system": "RelativeCoordinateSystem", "layout_width": 1, "layout_height": 1}


def html_of(table: str) -> str:
    """Return a table in Markdown, as readers write it, in HTML."""
    header, _rule, *lines = table.split("\n") if "\n" in table else (table, "")
    rows = ["".join(f"<td>{cell}</td>" for cell in _cells(line)) for line in lines]
    top = "".join(f"<th>{cell}</th>" for cell in _cells(header))
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in (top, *rows)) + "</table>"


def _cells(line: str) -> Iterator[str]:
    inner = line.strip().removeprefix("|").removesuffix("|")
    return (escape(cell.strip().replace("\\|", "|"), quote=False) for cell in _CELL.split(inner))
