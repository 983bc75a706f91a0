"""An embedding model behind a wire, whatever its protocol: in batches, checked, brought to length 1.

A server's vectors are not taken on trust: a wrong number or size, or one that is no number, would spoil an index
without anybody noticing.
"""

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from time import sleep
from typing import Final

from language.scripts import latin_share
from providers.embedding_families import family_of
from providers.exceptions import ProviderError, ProviderRefused
from providers.faults import Faults
from providers.protocols import FoundModel, Vector

_MOST_TEXTS: Final = 32
_MOST_LETTERS: Final = 60_000
_WAITS: Final = (0.5, 1.0, 2.0, 4.0)
_WORTH_ANOTHER_TRY: Final = {"provider_busy", "provider_failing"}
_MAYBE_TOO_MUCH: Final = {"provider_too_long", "provider_declined"}
_SHORTEST: Final = 100
# By nDCG@10 with MiniLM beside BM25 on six English sets; a model that does not know a script is next to no help in it.
_WEIGHT: Final = 0.5


class ServedEmbeddings:
    """Embeds by `ask`, which takes texts and returns whatever the server gave for vectors."""

    def __init__(self, model: str, found: FoundModel, faults: Faults, ask: Callable[[Sequence[str]], object]) -> None:
        self.id = model
        self._found = found
        self._faults = faults
        self._ask = ask
        self._family = family_of(found.name)
        self._most = _MOST_TEXTS

    @cached_property
    def dimensions(self) -> int:
        """How many numbers a vector has; asked for where nobody has said so."""
        return self._found.dimensions or len(self.embed_query("size"))

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
            vectors += self._embedded(batch, _WAITS)
            waiting = waiting[len(batch) :]
        return vectors

    def embed_query(self, text: str) -> Vector:
        """Return the vector that documents are compared with. Somebody is waiting: it is tried but twice."""
        return self._embedded([self._family.query + (text.strip() or ".")], _WAITS[:1])[0]

    def _batch(self, waiting: Sequence[str]) -> Sequence[str]:
        letters = 0
        for number, text in enumerate(waiting[: self._most]):
            letters += len(text)
            if letters > _MOST_LETTERS and number:
                return waiting[:number]
        return waiting[: self._most]

    def _embedded(self, texts: Sequence[str], waits: Sequence[float]) -> list[Vector]:
        """Embed a batch: in halves where it is too much, a single text shortened where it is too long."""
        try:
            return self._checked(self._patiently(texts, waits), len(texts))
        except ProviderRefused as refused:
            if refused.code not in _MAYBE_TOO_MUCH:
                raise
            if len(texts) == 1 and (refused.code != "provider_too_long" or len(texts[0]) < _SHORTEST):
                raise
        if len(texts) == 1:
            return self._embedded([texts[0][: len(texts[0]) * 2 // 3]], waits)
        half = len(texts) // 2
        self._most = max(1, min(self._most, half))
        return self._embedded(texts[:half], waits) + self._embedded(texts[half:], waits)

    def _patiently(self, texts: Sequence[str], waits: Sequence[float]) -> object:
        for wait in waits:
            try:
                return self._ask(texts)
            except ProviderError as error:
                if error.code not in _WORTH_ANOTHER_TRY:
                    raise
                sleep(wait)
        return self._ask(texts)

    def _checked(self, given: object, number: int) -> list[Vector]:
        if not isinstance(given, list) or len(given) != number:
            raise self._faults.bad_vectors(self._found.name)
        return [self._of_length_one(vector) for vector in given]

    def _of_length_one(self, vector: object) -> Vector:
        try:
            numbers = [float(number) for number in vector]  # type: ignore[attr-defined]
        except (TypeError, ValueError):
            raise self._faults.bad_vectors(self._found.name) from None
        length = math.hypot(*numbers)
        wanted = self._found.dimensions or len(numbers)
        if len(numbers) != wanted or not math.isfinite(length) or length < 1e-9:
            raise self._faults.bad_vectors(self._found.name)
        return [number / length for number in numbers]
