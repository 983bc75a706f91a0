"""An embedding model behind a wire, whatever its protocol: in batches, checked, brought to length 1.

A server's vectors are not taken on trust: a wrong number or size, or one that is no number, would spoil an index
without anybody noticing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from time import sleep
from typing import Final, Protocol

from language.scripts import latin_share
from providers.embedding_families import family_of
from providers.exceptions import ProviderError, ProviderRefused
from providers.faults import Faults
from providers.protocols import FoundModel, Vector

_MOST_TEXTS: Final = 32
_MOST_LETTERS: Final = 60_000
_WORTH_ANOTHER_TRY: Final = {"provider_busy", "provider_failing"}
_MAYBE_TOO_MUCH: Final = {"provider_too_long", "provider_declined"}
_SHORTEST: Final = 100
# By nDCG@10 with MiniLM beside BM25 on six English sets; a model that does not know a script is next to no help in it.
_WEIGHT: Final = 0.5


@dataclass(frozen=True, slots=True)
class _Patience:
    """How long is waited before each further try, and for one answer; None is as long as the server's limits say."""

    waits: tuple[float, ...]
    seconds: float | None = None


_AT_LEISURE: Final = _Patience((0.5, 1.0, 2.0, 4.0))
# Somebody waits for a search, which has its words to go by too.
_FOR_A_SEARCH: Final = _Patience((0.5,), 15.0)


class Ask(Protocol):
    """Asks a server for the vectors of texts, with `seconds` to answer, and returns whatever it gave."""

    def __call__(self, texts: Sequence[str], seconds: float | None, /) -> object:
        """Return what the server gave; raises a ProviderError."""


class ServedEmbeddings:
    """Embeds by `ask`."""

    def __init__(self, model: str, found: FoundModel, faults: Faults, ask: Ask) -> None:
        self.id = model
        self._found = found
        self._faults = faults
        self._ask = ask
        self._family = family_of(found.name)
        self._most = _MOST_TEXTS

    @cached_property
    def dimensions(self) -> int:
        """How many numbers a vector has; asked for where nobody has said so."""
        return self._found.dimensions or len(self.embed_documents(["size"])[0])

    def dense_weight(self, query: str) -> float:
        """Return a half where the model knows the script of the query, next to nothing where it does not."""
        latin = max(0.0, 2 * latin_share(query) - 1)
        return self._family.elsewhere + (_WEIGHT - self._family.elsewhere) * latin

    def embed_documents(self, texts: Sequence[str]) -> Sequence[Vector]:
        """Return one vector of length 1 for each text; raises a ProviderError."""
        waiting = [self._family.document + (text.strip() or ".") for text in texts]
        vectors: list[Vector] = []
        while waiting:
            batch = self._batch(waiting)
            vectors += self._embedded(batch, _AT_LEISURE)
            waiting = waiting[len(batch) :]
        return vectors

    def embed_query(self, text: str) -> Vector:
        """Return the vector that documents are compared with. Somebody waits for it: tried twice, not for long."""
        return self._embedded([self._family.query + (text.strip() or ".")], _FOR_A_SEARCH)[0]

    def _batch(self, waiting: Sequence[str]) -> Sequence[str]:
        letters = 0
        for number, text in enumerate(waiting[: self._most]):
            letters += len(text)
            if letters > _MOST_LETTERS and number:
                return waiting[:number]
        return waiting[: self._most]

    def _embedded(self, texts: Sequence[str], patience: _Patience) -> list[Vector]:
        """Embed a batch: in halves where it is too much, a single text shortened where it is too long."""
        try:
            return self._checked(self._patiently(texts, patience), len(texts))
        except ProviderRefused as refused:
            if refused.code not in _MAYBE_TOO_MUCH:
                raise
            if len(texts) == 1 and (refused.code != "provider_too_long" or len(texts[0]) < _SHORTEST):
                raise
        if len(texts) == 1:
            return self._embedded([texts[0][: len(texts[0]) * 2 // 3]], patience)
        half = len(texts) // 2
        self._most = max(1, min(self._most, half))
        return self._embedded(texts[:half], patience) + self._embedded(texts[half:], patience)

    def _patiently(self, texts: Sequence[str], patience: _Patience) -> object:
        for wait in patience.waits:
            try:
                return self._ask(texts, patience.seconds)
            except ProviderError as error:
                if error.code not in _WORTH_ANOTHER_TRY:
                    raise
                sleep(wait)
        return self._ask(texts, patience.seconds)

    def _checked(self, given: object, number: int) -> list[Vector]:
        if not isinstance(given, list) or len(given) != number:
            raise self._faults.bad_vectors(self._found.name)
        return [self._of_length_one(vector) for vector in given]

    def _of_length_one(self, vector: object) -> Vector:
        try:
            numbers = [float(number) for number in vector]  # type: ignore[attr-defined]
        except (TypeError, ValueError, OverflowError):
            raise self._faults.bad_vectors(self._found.name) from None
        length = math.hypot(*numbers)
        wanted = self._found.dimensions or len(numbers)
        if len(numbers) != wanted or not math.isfinite(length) or length < 1e-9:
            raise self._faults.bad_vectors(self._found.name)
        return [number / length for number in numbers]
