"""Sentences that are kept, or raised far from whoever reads them: words and what fills them in, put together when read.

Their words are marked for translation where they are written down, by `gettext_noop`. Nothing else belongs here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence; `str()` says it in the active language. A value that is a list is said as one."""

    words: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        said = _(self.words)
        return said % {name: _said(value) for name, value in self.values.items()} if self.values else said

    @property
    def kept(self) -> dict[str, Any]:
        """What is kept of it, for JSON."""
        return {"words": self.words, "values": dict(self.values)}


def read_again(kept: Any) -> str:
    """Say what was kept of a sentence; plain text is what it is."""
    return str(Sentence(kept["words"], kept["values"])) if isinstance(kept, Mapping) else str(kept)


def listed(words: Iterable[str]) -> str:
    """Return words one after the other, with what stands between them in the active language."""
    return _(", ").join(words)


def _said(value: Any) -> Any:
    return listed(map(str, value)) if isinstance(value, list | tuple) else value
