"""The outcome of one fetch: the bytes of the page, or the code of the error."""

import pytest

from ingestion.errors.fetching import FetchFailed
from ingestion.sources.web.fetch import FetchedPage, Seen, fetch


def taken(page: FetchedPage) -> bytes:
    """Return the bytes of a fetched page and delete its file."""
    assert page.received is not None
    content = page.received.path.read_bytes()
    page.received.discard()
    return content


def refusal(url: str, seen: Seen | None = None) -> str:
    """Fetch `url`, which must fail, and return the error code."""
    with pytest.raises(FetchFailed) as caught:
        fetch(url, seen)
    assert caught.value.message.endswith(".")
    return caught.value.code
