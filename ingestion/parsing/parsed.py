"""A parsed document outside of the child that parsed it: rows in the vocabulary of `unstructured`, in reading order.

Plain values only, so that they cross a process boundary and are kept on disk. `unstructured` itself is imported in
parsing children alone, see `elements`; splitting and storing happen elsewhere.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

TITLE: Final = "Title"  # The document's own title where it has no level, else a heading.
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
    """Where something stands on its page: shares of width and height, 0 to 1, from the top left."""

    left: float
    top: float
    right: float
    bottom: float


class ElementRow(NamedTuple):
    """One element: `type` is one of TYPES, `level` counts from 1 and belongs to headings, `page` counts from 1.

    A table's text is Markdown. `box` is None where the format does not say where things stand.
    """

    type: str
    text: str
    page: int | None = None
    level: int | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """A whole document: `title` is the document's own, "" if it has none; `pages` is None where there are none."""

    elements: tuple[ElementRow, ...]
    title: str = ""
    pages: int | None = None
    repeated: tuple[tuple[str, int], ...] = ()  # Running headers and footers that were left out, and how often.
