"""Documents in the JSON of docling (`DoclingDocument`), from files or parse servers.

The body is a tree of references to texts, tables and pictures. Each item is read once, even if
several references name it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ingestion.parsing.elements import (
    Category,
    CodeSnippet,
    Element,
    FigureCaption,
    Footer,
    Formula,
    Header,
    ListItem,
    NarrativeText,
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

SCHEMA_NAME = "DoclingDocument"
KINDS = ("texts", "tables", "pictures", "groups", "key_value_items", "form_items")
CATEGORIES: Mapping[str, Category] = {
    "title": Title,
    "section_header": Title,
    "list_item": ListItem,
    "code": CodeSnippet,
    "formula": Formula,
    "caption": FigureCaption,
    "page_header": Header,
    "page_footer": Footer,
}
Item = dict[str, Any]


def is_document(value: Any) -> bool:
    """Tell whether a JSON value is a document of docling."""
    return (
        isinstance(value, dict)
        and value.get("schema_name") == SCHEMA_NAME
        and isinstance(value.get("body"), dict)
    )


def elements_in(document: Item) -> Iterator[Element]:
    """Yield the elements of a document; repeated headers and footers come once."""
    return without_repeated_margins(_Tree(document).elements())


class _Tree:
    def __init__(self, document: Item) -> None:
        self._body: Item = document["body"]
        self._items: dict[str, Item] = {}
        for kind in KINDS:
            items = document.get(kind)
            for number, item in enumerate(items if isinstance(items, list) else []):
                if isinstance(item, dict):
                    self._items[f"#/{kind}/{number}"] = item
        pages = document.get("pages")
        self._pages: Item = pages if isinstance(pages, dict) else {}

    def elements(self) -> Iterator[Element]:
        """Yield the items of the body in order, by a stack, since the body may be deep."""
        ahead = self._named(self._body, "children")
        while ahead:
            item = self._items.pop(ahead.pop(), None)
            if item is not None:
                for caption in reversed(self._named(item, "captions")):
                    if (found := self._items.pop(caption, None)) is not None:
                        yield from self._text(found)
                yield from (
                    self._table(item) if isinstance(item.get("data"), dict) else self._text(item)
                )
                ahead += self._named(item, "children")

    def _named(self, item: Item, field: str) -> list[str]:
        """The references in a field, the first last."""
        references = item.get(field)
        listed = references if isinstance(references, list) else []
        return [str(one.get("$ref")) for one in reversed(listed) if isinstance(one, dict)]

    def _text(self, item: Item) -> Iterator[Element]:
        text, label = item.get("text"), str(item.get("label"))
        if not isinstance(text, str) or not text.strip():
            return
        category = CATEGORIES.get(label, NarrativeText)
        if (
            category is ListItem
            and item.get("enumerated") is True
            and isinstance(item.get("marker"), str)
        ):
            text = f"{item['marker']} {text}"
        level = item.get("level")
        level = min(max(level, 1), MAX_LEVEL) if type(level) is int else 1
        yield make_element(
            category, text, *self._place(item, level if label == "section_header" else None)
        )

    def _table(self, item: Item) -> Iterator[Element]:
        grid = item["data"].get("grid")
        rows = [
            [str(cell.get("text") or "") for cell in row if isinstance(cell, dict)]
            for row in (grid if isinstance(grid, list) else [])
            if isinstance(row, list)
        ]
        page, _level, box = self._place(item, None)
        if any(any(row) for row in rows):
            yield from table_of(rows, "", page, box)

    def _place(self, item: Item, level: int | None) -> tuple[int | None, int | None, Box | None]:
        """Page, level and box, in the order of the parameters of `make_element()`."""
        match item.get("prov"):
            case [{"page_no": number, **more}, *_]:
                box: Box | None = None
                bbox: Any = more.get("bbox")
                match self._pages.get(str(number)), bbox:
                    case {"size": {"width": width, "height": height}}, {
                        "l": left,
                        "t": top,
                        "r": right,
                        "b": bottom,
                    }:
                        upwards = bbox.get("coord_origin") == "BOTTOMLEFT"
                        low, high = (bottom, top) if upwards else (top, bottom)
                        box = box_on_page(
                            (left, low, right, high), (width, height), upwards=upwards
                        )
                return page_in(number), level, box
        return None, level, None
