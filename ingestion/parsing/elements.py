"""What a document is made of once it has been read: a flat list of elements in reading order.

Plain values only, so that they can cross a process boundary; splitting and storing happen elsewhere.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

Progress = Callable[[float], None]


class Kind(StrEnum):
    """What an element is in its document."""

    TITLE = "title"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE = "table"
    CODE = "code"
    CAPTION = "caption"


class Box(NamedTuple):
    """Where something stands on its page: shares of width and height, 0 to 1, from the top left."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Element:
    """One piece of a document: `level` counts from 1 and belongs to headings, `page` counts from 1.

    `box` is None where the format does not say where things stand.
    """

    kind: Kind
    text: str
    page: int | None = None
    level: int | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """A whole document: `title` is the document's own, "" if it has none; `pages` is None where there are none."""

    elements: tuple[Element, ...]
    title: str = ""
    pages: int | None = None


class PagesRead(float):
    """The share of a document that has been read, where its pages can be counted: may be given to any `Progress`."""

    page: int
    pages: int

    def __new__(cls, page: int, pages: int) -> "PagesRead":
        """So many pages of so many."""
        share = super().__new__(cls, page / pages)
        share.page, share.pages = page, pages
        return share


def no_progress(share: float) -> None:
    """Tell nobody how far the parse is."""
