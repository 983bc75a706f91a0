"""A passage with as little as a passage needs, for tests of the model that quotes."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Quotable:
    """A passage of a document."""

    n: int
    text: str
    headings: Sequence[str] = ()
    document_name: str = ""
