"""Elements in the JSON of `unstructured`: a file of it, or the answer of a parse server.

Read field by field: `ElementMetadata.from_dict` would unpack what is compressed in there, however much it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from lxml import etree, html

from ingestion.parsing.elements import CATEGORIES, Element, NarrativeText, Table, Title, make_element
from ingestion.parsing.exchange.places import DEEPEST_LEVEL, box_on_page, page_in, table_of, without_repeated_margins
from ingestion.parsing.parsed import Box
from ingestion.parsing.text.tables import html_rows

UNSEEN = {"PageBreak", "PageNumber", "Page-number"}
COUNTED_UPWARDS = {"RelativeCoordinateSystem", "PointSpace"}


def is_elements(value: Any) -> bool:
    """Tell whether a JSON value is a list of elements."""
    return isinstance(value, list) and bool(value) and all(map(_is_element, value))


def _is_element(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("type"), str)
        and isinstance(value.get("text"), str)
        and (isinstance(value.get("metadata"), dict) or isinstance(value.get("element_id"), str))
    )


def elements_in(rows: Sequence[Mapping[str, Any]]) -> Iterator[Element]:
    """Yield the elements in `rows`; what repeats in the margins of pages stands once."""
    return without_repeated_margins(_elements(rows))


def _elements(rows: Sequence[Mapping[str, Any]]) -> Iterator[Element]:
    levels: dict[str, int] = {}
    for row in rows:
        if row["type"] in UNSEEN:
            continue
        metadata = row["metadata"] if isinstance(row.get("metadata"), dict) else {}
        category = CATEGORIES.get(row["type"], NarrativeText)
        page, box = page_in(metadata.get("page_number")), _box(metadata.get("coordinates"))
        if category is Table:
            yield from table_of(_rows(metadata.get("text_as_html")), row["text"], page, box)
            continue
        level = _level(metadata, levels) if category is Title else None
        if level:
            levels[str(row.get("element_id"))] = level
        yield make_element(category, row["text"], page, level, box)


def _level(metadata: Mapping[str, Any], levels: Mapping[str, int]) -> int | None:
    """The level of a heading: its own, else one below the heading that it is under; None for the document's title."""
    if metadata.get("style_name") == "Title":
        return None
    depth = metadata.get("category_depth")
    level = depth + 1 if type(depth) is int else levels.get(str(metadata.get("parent_id")), 0) + 1
    return min(max(level, 1), DEEPEST_LEVEL)


def _rows(markup: Any) -> list[list[str]]:
    with suppress(etree.LxmlError, ValueError):
        return html_rows(html.fromstring(markup)) if isinstance(markup, str) and markup.strip() else []
    return []


def _box(coordinates: Any) -> Box | None:
    with suppress(TypeError, ValueError, KeyError):
        across, down = zip(*coordinates["points"], strict=True)
        sides = min(across), min(down), max(across), max(down)
        size = coordinates["layout_width"], coordinates["layout_height"]
        return box_on_page(sides, size, upwards=coordinates["system"] in COUNTED_UPWARDS)
    return None
