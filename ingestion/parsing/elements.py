"""The vocabulary of readers: elements of `unstructured`, with functions that make and read them.

Only parsing children import this module: it costs 25 MB and .25 s. Telemetry is turned off before
the import. Rows leave the child, see `parsed`.
"""

from dataclasses import dataclass
from typing import Final

from embedded.privacy import disable_telemetry
from ingestion.parsing.parsed import Box, ElementRow, ParsedDocument

disable_telemetry()

from unstructured.documents.coordinates import RelativeCoordinateSystem  # noqa: E402
from unstructured.documents.elements import (  # noqa: E402
    TYPE_TO_TEXT_ELEMENT_MAP as CATEGORIES,
)
from unstructured.documents.elements import (  # noqa: E402
    CodeSnippet,
    CoordinatesMetadata,
    Element,
    ElementMetadata,
    FigureCaption,
    Footer,
    Formula,
    Header,
    Image,
    ListItem,
    NarrativeText,
    Table,
    Text,
    Title,
)

__all__ = [
    "CATEGORIES",
    "Category",
    "CodeSnippet",
    "Element",
    "FigureCaption",
    "Footer",
    "Formula",
    "Header",
    "Image",
    "ListItem",
    "NarrativeText",
    "Parsed",
    "Table",
    "Title",
    "box_of",
    "level_of",
    "make_element",
    "page_number",
    "place",
]

Category = type[Text]
_SYSTEM: Final = RelativeCoordinateSystem()  # type: ignore[no-untyped-call]
_BOX_DIGITS: Final = 4  # A tenth of a millimetre on A4 is .0003.


@dataclass(frozen=True, slots=True)
class Parsed:
    """A whole document: `title` is "" if missing, `pages` is None if its format has no pages."""

    elements: tuple[Element, ...]
    title: str = ""
    pages: int | None = None
    repeated: tuple[tuple[str, int], ...] = ()  # Omitted running headers and footers, with counts.

    def rows(self) -> ParsedDocument:
        """Return the document as rows, which leave the child."""
        rows = (
            ElementRow(one.category, one.text, page_number(one), level_of(one), box_of(one))
            for one in self.elements
        )
        return ParsedDocument(tuple(rows), self.title, self.pages, self.repeated)


def make_element(
    category: Category,
    text: str,
    page: int | None = None,
    level: int | None = None,
    box: Box | None = None,
) -> Element:
    """Return an element; a `Title` with `level` (1 to 9) is a heading, else a document title."""
    # ElementMetadata.__init__ sets all 45 fields, which takes 5.4 of 6.5 µs per element.
    metadata = ElementMetadata.__new__(ElementMetadata)
    if page is not None:
        metadata.page_number = page
    if level is not None:
        metadata.category_depth = level - 1
    element = category(text, metadata=metadata)
    if box:
        place(element, box)
    return element


def place(element: Element, box: Box | None) -> None:
    """Set the coordinates of an element; `RelativeCoordinateSystem` counts from the bottom left."""
    if box is None:
        return
    left, right, top, bottom = box.left, box.right, 1 - box.top, 1 - box.bottom
    points = ((left, top), (left, bottom), (right, bottom), (right, top))
    element.metadata.coordinates = CoordinatesMetadata(points, _SYSTEM)


# Reading an absent attribute costs 2 KB and 3 µs, so fields are read from the dictionary.
def page_number(element: Element) -> int | None:
    """Return the page of an element, counted from 1."""
    return vars(element.metadata).get("page_number")


def level_of(element: Element) -> int | None:
    """Return the level of a heading, counted from 1; None for other elements and the title."""
    depth = vars(element.metadata).get("category_depth")
    return None if depth is None else depth + 1


def box_of(element: Element) -> Box | None:
    """Return the place of an element on its page, in shares from the top left."""
    coordinates = vars(element.metadata).get("coordinates")
    if coordinates is None:
        return None
    (left, top), _, (right, bottom), _ = coordinates.points
    return Box(*(round(side, _BOX_DIGITS) for side in (left, 1 - top, right, 1 - bottom)))
