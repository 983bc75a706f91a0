"""How far the parse of a document is."""

from collections.abc import Callable

Progress = Callable[[float], None]


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
    """Ignore how far the parse is."""
