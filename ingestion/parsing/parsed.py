"""A parsed document outside its child: rows in the vocabulary of `unstructured`, in order.

Plain values, because they cross a process boundary and are cached on disk. Only parsing children
import `unstructured`, see `elements`. Splitting and storing do not belong here.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

TITLE: Final = "Title"  # With a level a heading, without one the title of the document.
LIST_ITEM: Final = "ListItem"
TABLE: Final = "Table"
CODE: Final = "CodeSnippet"
CAPTION: Final = "FigureCaption"
PROSE: Final = "NarrativeText"
TYPES: Final = frozenset(
    {
        *(TITLE, PROSE, LIST_ITEM, TABLE, CODE, CAPTION),
        *("UncategorizedText", "Image", "Formula", "Header", "Footer", "Address", "EmailAddress"),
        *("Form", "FormKeysValues", "PageNumber", "CompositeElement", "TableChunk", "DocumentData"),
    }
)


class Box(NamedTuple):
    """A place on a page: shares of width and height, 0 to 1, from the top left."""

    left: float
    top: float
    right: float
    bottom: float


class ElementRow(NamedTuple):
    """One element of one of TYPES; `level` (of headings) and `page` count from 1.

    The text of a table is Markdown. `box` is None where the format has no places.
    """

    type: str
    text: str
    page: int | None = None
    level: int | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """A whole document: `title` is "" if missing, `pages` is None if its format has no pages."""

    elements: tuple[ElementRow, ...]
    title: str = ""
    pages: int | None = None
    repeated: tuple[tuple[str, int], ...] = ()  # Omitted running headers and footers, with counts.
