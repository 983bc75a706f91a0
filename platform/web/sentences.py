"""Sentences that are stored or cross processes: a text and values, formatted when read.

The text is marked for translation with `gettext_noop` where it is written.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, formatted by `str()` in the active language.

    A list among the values is joined.
    """

    words: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        if not self.values:
            return _(self.words)
        values = {
            name: listed(map(str, value)) if isinstance(value, list | tuple) else value
            for name, value in self.values.items()
        }
        return _(self.words) % values

    @property
    def kept(self) -> dict[str, Any]:
        """The sentence as JSON."""
        return {"words": self.words, "values": dict(self.values)}


def read_again(kept: Any) -> str:
    """Format a stored sentence; plain text is returned unchanged."""
    return str(Sentence(kept["words"], kept["values"])) if isinstance(kept, Mapping) else str(kept)


def listed(words: Iterable[str]) -> str:
    """Join words with the separator of the active language."""
    return _(", ").join(words)
