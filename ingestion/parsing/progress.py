"""Progress of a parse: the share of the document read so far, with pages if known."""

from collections.abc import Callable

Progress = Callable[[float], None]


class PagesRead(float):
    """The share of a document that has been read, with the page; every `Progress` accepts it."""

    page: int
    pages: int

    def __new__(cls, page: int, pages: int) -> "PagesRead":
        """Make the share of `page` in `pages`."""
        share = super().__new__(cls, page / pages)
        share.page, share.pages = page, pages
        return share


def no_progress(share: float) -> None:
    """Ignore the progress."""
