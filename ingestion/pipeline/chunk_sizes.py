"""How the tokens of a chunk are counted and how many it may have, so that its embedding model reads it whole.

What a model does not read is cut off by its server, mostly without a word, and then found by nothing but keywords. The
size that is asked for is in tokens of the rule, the same for all models. It becomes smaller where the model's own
counts, or how much it reads, say so: `providers` keeps both with the model. No server is asked here, so that the same
text is cut alike by every worker at any time. The built-in model reads everything.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ingestion.pipeline.text_splitter import Count
from language.tokens import RULE, count_tokens
from providers.protocols import FoundModel
from providers.registry import described
from workspaces.models import Workspace

_ABOVE: Final = 8  # A part of so many is left to title and headings, which are embedded with the text.
_MARKS: Final = 8  # Tokens that a model needs for itself, and for what its family wants before a text.
_FEWEST: Final = 50  # A model that says it reads less is not believed.


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many tokens a chunk may have, and how they are counted."""

    chunk_tokens: int
    count: Count

    def hold(self, texts: Iterable[str]) -> bool:
        """Whether none of the texts is larger."""
        return all(self.count(text) <= self.chunk_tokens + 1 for text in texts)


def sizes_of(workspace: Workspace) -> Sizes:
    """Return the sizes of the chunks that documents of `workspace` are now split into."""
    return sizes_for(workspace.setting("chunk_tokens"), described(workspace.setting("embedding_model")))


def sizes_for(wanted: int, model: FoundModel | None) -> Sizes:
    """Return the sizes where `wanted` tokens are asked for and an embedding model is as described."""
    room = _room(model) or wanted
    size = min(wanted, room)
    own = model.token_rates if model else None
    # A token of the model's own is a share of one that is asked for where the model reads more than that.
    rates = own.at_least(RULE, size / room) if own else RULE
    return Sizes(size, count_tokens if rates == RULE else rates.count)


def _room(model: FoundModel | None) -> int | None:
    """Return how many tokens of a chunk's own text a model reads; None where nobody knows."""
    window = model.context_tokens if model else None
    return max(_FEWEST, window - window // _ABOVE - _MARKS) if window else None
