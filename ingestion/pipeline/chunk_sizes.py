"""Token counts and size limits of chunks, so that the embedding model reads each as a whole.

Servers truncate longer texts, mostly without an error, and the rest is found by keywords only. The
workspace's chunk size is in tokens of a rule that is the same for all models; the token rates and
the context of the model, which `providers` stores, make it smaller. No server is asked here, so
that every worker splits a text alike.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ingestion.pipeline.text_splitter import Count
from language.tokens import DEFAULT_RATES, count_tokens
from providers.protocols import FoundModel
from providers.registry import described
from workspaces.models import Workspace

# An eighth of the context is for title and headings, embedded with the text.
_HEADINGS_DIVISOR: Final = 8
_RESERVED_TOKENS: Final = 8  # For the model's own marks and the prefix that its family expects.
_MIN_TOKENS: Final = 50  # A smaller context is taken for a wrong value.


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many tokens a chunk may have, and how they are counted."""

    chunk_tokens: int
    count: Count

    def hold(self, texts: Iterable[str]) -> bool:
        """Whether all texts fit."""
        return all(self.count(text) <= self.chunk_tokens + 1 for text in texts)


def sizes_of(workspace: Workspace) -> Sizes:
    """Return the present chunk sizes of `workspace`."""
    return sizes_for(
        workspace.setting("chunk_tokens"), described(workspace.setting("embedding_model"))
    )


def sizes_for(wanted: int, model: FoundModel | None) -> Sizes:
    """Return the sizes for `wanted` tokens and an embedding model.

    None stands for an unknown model.
    """
    window = model.context_tokens if model else None
    room = (
        max(_MIN_TOKENS, window - window // _HEADINGS_DIVISOR - _RESERVED_TOKENS)
        if window
        else wanted
    )
    size = min(wanted, room)
    own = model.token_rates if model else None
    # A model with more room than the chunk size may count more tokens per text, in proportion.
    rates = own.at_least(DEFAULT_RATES, size / room) if own else DEFAULT_RATES
    return Sizes(size, count_tokens if rates == DEFAULT_RATES else rates.count)
