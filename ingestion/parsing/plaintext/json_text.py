"""JSON and JSON Lines as readable text: keys are kept, rows of similar objects become tables.

Elements written by `unstructured` or docling are read as the original document. Invalid JSON is
read as plain text. XML is read by `markup.xml_text`.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingestion.errors.exceptions import CORRUPT, UnreadableDocument
from ingestion.parsing.elements import (
    CodeSnippet,
    Element,
    ListItem,
    NarrativeText,
    Parsed,
    Title,
    make_element,
    page_number,
)
from ingestion.parsing.exchange import docling, unstructured
from ingestion.parsing.options import Options
from ingestion.parsing.plaintext.source_code import code_elements
from ingestion.parsing.progress import Progress
from ingestion.parsing.text.cleaning import clean_elements, sensible_title, title_of
from ingestion.parsing.text.encodings import decode
from ingestion.parsing.text.tables import table_elements

MAX_HEADING_LEVEL = 6
MAX_CELL_CHARACTERS = 300
MAX_COLUMNS = 60
TITLE_KEYS = ("title", "name", "标题", "名称")

Path_ = tuple[str, ...]


def read_json(
    path: Path, *, name: str, password: str | None, progress: Progress, options: Options
) -> Parsed:
    """Read one JSON value, or one per line."""
    text = decode(path.read_bytes()).removeprefix("\ufeff")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        records = _records(text)
        value = records if len(records) > 1 else None
        if value is None:
            return Parsed(tuple(clean_elements(code_elements(text))))
    prepared = _prepared(value)
    if prepared is not None:
        return prepared
    if isinstance(value, dict) and isinstance(value.get("cells"), list) and "nbformat" in value:
        return Parsed(tuple(clean_elements(_notebook(value["cells"]))))
    titles = (
        (value[key] for key in TITLE_KEYS if isinstance(value.get(key), str))
        if isinstance(value, dict)
        else ()
    )
    return Parsed(tuple(clean_elements(_value(value, ()))), next(map(sensible_title, titles), ""))


def read_prepared(
    path: Path, *, name: str, password: str | None, progress: Progress, options: Options
) -> Parsed:
    """Read the answer of a parse server."""
    prepared = _prepared(json.loads(path.read_bytes()))
    if prepared is None:
        raise UnreadableDocument(CORRUPT)
    return prepared


def _prepared(value: Any) -> Parsed | None:
    """The document whose elements another program has written, or None."""
    # docling-serve wraps the document.
    if isinstance(value, dict) and isinstance(value.get("document"), dict):
        value = value["document"].get("json_content")
    if unstructured.is_elements(value):
        elements = clean_elements(unstructured.elements_in(value))
    elif docling.is_document(value):
        elements = clean_elements(docling.elements_in(value))
    else:
        return None
    pages = max((page_number(element) or 0 for element in elements), default=0) or None
    return Parsed(tuple(elements), title_of(None, elements), pages)


def _records(text: str) -> list[Any]:
    """The values of JSON Lines; none if a line is invalid, except a truncated last one."""
    lines = [line for line in text.splitlines() if line.strip()]
    records = []
    for number, line in enumerate(lines, start=1):
        try:
            records.append(json.loads(line))
        except (ValueError, RecursionError):
            if number < len(lines):
                return []
    return records


def _value(value: Any, path: Path_) -> Iterator[Element]:
    if isinstance(value, dict):
        yield from _fields(value)  # The plain fields as lines, then nested values under their keys.
        for key, inner in value.items():
            if not _is_plain(inner):
                yield from _under(key, inner, path)
    elif isinstance(value, list):
        yield from _array(value, path)
    elif _is_said(value):
        yield make_element(NarrativeText, _said(value))


def _fields(value: dict[str, Any]) -> Iterator[Element]:
    lines = [
        f"{key}: {_said(inner)}"
        for key, inner in value.items()
        if _is_plain(inner) and _is_said(inner)
    ]
    lines += [
        f"{key}: {_said(inner)}"
        for key, inner in value.items()
        if _is_plain_list(inner) and not _is_long(inner)
    ]
    if lines:
        yield make_element(NarrativeText, "\n".join(lines))


def _under(key: str, inner: Any, path: Path_) -> Iterator[Element]:
    if not inner or (_is_plain_list(inner) and not _is_long(inner)):
        return
    path = (*path, key)
    if len(path) <= MAX_HEADING_LEVEL:
        yield make_element(Title, key, level=len(path))
    else:
        yield make_element(NarrativeText, ".".join(path))
    yield from _value(inner, path)


def _array(value: list[Any], path: Path_) -> Iterator[Element]:
    if _is_plain_list(value):
        yield from (make_element(ListItem, _said(item)) for item in value if _is_said(item))
    elif columns := _columns(value):
        rows = ([_said(row.get(column)) for column in columns] for row in value)
        yield from table_elements([columns, *rows])
    else:
        for number, item in enumerate(value, start=1):
            if isinstance(item, dict) and all(map(_is_plain, item.values())):
                yield from _fields(item)
            elif _is_plain(item):
                yield make_element(ListItem, _said(item))
            else:
                yield from _under(str(number), item, path)


def _columns(rows: list[Any]) -> list[str]:
    """The keys of similar objects whose values fit into cells; [] if a table is unsuitable."""
    columns: dict[str, None] = {}
    for row in rows:
        if not isinstance(row, dict):
            return []
        if not all(
            (_is_plain(value) or _is_plain_list(value)) and not _is_long(value)
            for value in row.values()
        ):
            return []
        columns.update(dict.fromkeys(row))
    filled = sum(len(row) for row in rows)
    like = (
        len(rows) > 1 and 1 < len(columns) <= MAX_COLUMNS and filled * 2 >= len(rows) * len(columns)
    )
    return list(columns) if like else []


def _is_plain(value: Any) -> bool:
    return not isinstance(value, dict | list)


def _is_plain_list(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_plain, value))


def _is_long(values: Any) -> bool:
    return len(_said(values)) > MAX_CELL_CHARACTERS


def _is_said(value: Any) -> bool:
    return value is not None and value != ""


def _said(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list():
            return ", ".join(filter(None, map(_said, value)))
        case str():
            return value
    return json.dumps(value)


def _notebook(cells: list[Any]) -> Iterator[Element]:
    """A Jupyter notebook: its texts and code, without outputs."""
    from ingestion.parsing.markup.reader import markdown_elements

    for cell in cells:
        if not isinstance(cell, dict):
            continue
        source = cell.get("source", "")
        text = "".join(map(str, source)) if isinstance(source, list) else str(source)
        if cell.get("cell_type") == "code":
            yield make_element(CodeSnippet, text)
        else:
            yield from markdown_elements(text)
