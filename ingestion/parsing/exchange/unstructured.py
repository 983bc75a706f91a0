"""Elements in the JSON of `unstructured`, from files or parse servers.

Read field by field: `ElementMetadata.from_dict` would inflate compressed fields without a limit.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from lxml import etree, html

from ingestion.parsing.elements import (
    CATEGORIES,
    Element,
    NarrativeText,
    Table,
    Title,
    make_element,
)
from ingestion.parsing.exchange.places import (
    MAX_LEVEL,
    box_on_page,
    page_in,
    table_of,
    without_repeated_margins,
)
from ingestion.parsing.parsed import Box
from ingestion.parsing.text.tables import html_rows

UNSEEN = {"PageBreak", "PageNumber", "Page-number"}
COUNTED_UPWARDS = {"RelativeCoordinateSystem", "PointSpace"}


def is_elements(value: Any) -> bool:
    """Tell whether a JSON value is a list of elements."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(
            isinstance(row, dict)
            and isinstance(row.get("type"), str)
            and isinstance(row.get("text"), str)
            and (isinstance(row.get("metadata"), dict) or isinstance(row.get("element_id"), str))
            for row in value
        )
    )


def elements_in(rows: Sequence[Mapping[str, Any]]) -> Iterator[Element]:
    """Yield the elements in `rows`; repeated headers and footers come once."""
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
            markup = metadata.get("text_as_html")
            cells: list[list[str]] = []
            with suppress(etree.LxmlError, ValueError):
                if isinstance(markup, str) and markup.strip():
                    cells = html_rows(html.fromstring(markup))
            yield from table_of(cells, row["text"], page, box)
            continue
        level = None
        # The style "Title" marks the title of the document, which has no level.
        if category is Title and metadata.get("style_name") != "Title":
            depth = metadata.get("category_depth")
            level = (
                depth + 1
                if type(depth) is int
                else levels.get(str(metadata.get("parent_id")), 0) + 1
            )
            level = levels[str(row.get("element_id"))] = min(max(level, 1), MAX_LEVEL)
        yield make_element(category, row["text"], page, level, box)


def _box(coordinates: Any) -> Box | None:
    with suppress(TypeError, ValueError, KeyError):
        across, down = zip(*coordinates["points"], strict=True)
        sides = min(across), min(down), max(across), max(down)
        size = coordinates["layout_width"], coordinates["layout_height"]
        return box_on_page(sides, size, upwards=coordinates["system"] in COUNTED_UPWARDS)
    return None
