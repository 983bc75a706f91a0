"""An embedding model of a server, for all protocols: batches, validation, normalization.

Vectors are validated, since a wrong number or size, or a NaN, would corrupt an index silently.
Halving a failed batch finds the texts that the server cannot embed; the others are embedded.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from time import sleep
from typing import Final, Protocol

from language.scripts import latin_share
from language.tokens import count_tokens
from providers.embedding.families import family_of
from providers.embedding.limiter import batch_slot
from providers.exceptions import PartlyEmbedded, ProviderError
from providers.http.errors import FaultFactory
from providers.protocols import FoundModel, Vector

MAX_TEXTS_PER_REQUEST: Final = 32
MAX_TOKENS_PER_REQUEST: Final = 16_000
_MAX_DIMENSIONS: Final = 16_000  # The limit of pgvector.
# A decimal double has up to 24, and up to 16 more for indentation.
_BYTES_PER_NUMBER: Final = 40
_ENVELOPE_BYTES: Final = 64 * 2**10
_RETRIED_CODES: Final = {"provider_busy", "provider_failing"}
_SIZE_CODES: Final = {"provider_too_long", "provider_declined"}
# Errors that a single text may cause. Ollama, for example, fails for the whole batch if one vector
# contains NaN.
TEXT_FAULT_CODES: Final = _SIZE_CODES | {
    "provider_withheld",
    "provider_failing",
    "provider_bad_vectors",
}
_MIN_SHORTENED_CHARACTERS: Final = 100
_MAX_REFUSED_TEXTS: Final = 3  # If more are refused and none is embedded, the server is at fault.
# Measured by nDCG@10 with MiniLM beside BM25 on six English sets. In a script that the model does
# not know, vectors hardly improve the results.
_DENSE_WEIGHT: Final = 0.5


@dataclass(frozen=True, slots=True)
class _RetrySchedule:
    """Waits before each retry and the limit of an answer, in seconds; None: the server's limits."""

    waits: tuple[float, ...]
    seconds: float | None = None
    max_retry_after: float = 0.0
    """The longest `Retry-After` in seconds that is honoured; a longer one ends the retries."""


_INDEXING_RETRIES: Final = _RetrySchedule((0.5, 1.0, 2.0, 4.0), max_retry_after=15.0)
_NO_RETRIES: Final = _RetrySchedule(())
# A user waits for a search, which also uses keywords.
_SEARCH_RETRIES: Final = _RetrySchedule((0.5,), 15.0, max_retry_after=2.0)


class EmbedCall(Protocol):
    """Requests the vectors of texts, within `seconds`, and returns the unvalidated answer."""

    def __call__(self, texts: Sequence[str], seconds: float | None, /) -> object:
        """Return the unvalidated vectors; raises a ProviderError."""


class _EmbeddingOutcome:
    """The number of embedded texts of one call, and the errors of the others."""

    def __init__(self) -> None:
        self.embedded = 0
        self.refused: list[ProviderError] = []

    def refuse(self, fault: ProviderError) -> None:
        """Count a text that was not embedded; raises `fault` if the server is its cause."""
        self.refused.append(fault)
        is_failing = fault.code == "provider_failing"
        if len(self.refused) > _MAX_REFUSED_TEXTS and (is_failing or not self.embedded):
            raise fault

    def result(self, vectors: list[Vector | None]) -> list[Vector]:
        """Return all vectors; raises the first error, as PartlyEmbedded if there are vectors."""
        if self.refused and not self.embedded:
            raise self.refused[0]
        if self.refused:
            raise PartlyEmbedded(self.refused[0], vectors)
        return [vector for vector in vectors if vector is not None]


class ServedEmbeddings:
    """An embedding model whose requests are sent by `ask`."""

    def __init__(self, model: str, found: FoundModel, faults: FaultFactory, ask: EmbedCall) -> None:
        self.id = model
        self._found = found
        self._faults = faults
        self._ask = ask
        self._family = family_of(found.name)
        self._max_texts = MAX_TEXTS_PER_REQUEST

    @cached_property
    def dimensions(self) -> int:
        """The number of dimensions, measured if unknown."""
        return self._found.dimensions or len(self.embed_documents(["size"])[0])

    def dense_weight(self, query: str) -> float:
        """Return 0.5 for Latin queries; for other scripts, the weight of the model's family."""
        latin = max(0.0, 2 * latin_share(query) - 1)
        return (
            self._family.other_script_weight
            + (_DENSE_WEIGHT - self._family.other_script_weight) * latin
        )

    def embed_documents(self, texts: Sequence[str]) -> Sequence[Vector]:
        """Return one vector of length 1 for each text; raises a ProviderError.

        Raises `PartlyEmbedded` if only some texts could be embedded.
        """
        waiting = [self._family.document + (text.strip() or ".") for text in texts]
        vectors: list[Vector | None] = []
        outcome = _EmbeddingOutcome()
        while waiting:
            max_texts, refused = self._max_texts, len(outcome.refused)
            batch = waiting[: batch_size(waiting, max_texts)]
            vectors += self._embedded(batch, _INDEXING_RETRIES, outcome)
            waiting = waiting[len(batch) :]
            if len(outcome.refused) > refused:
                self._max_texts = max_texts  # A single text was the cause, not the number of texts.
        return outcome.result(vectors)

    def embed_query(self, text: str) -> Vector:
        """Return the vector of a query, to compare with documents; raises a ProviderError.

        A user waits for the result, so there is only one retry, and a short time limit.
        """
        outcome = _EmbeddingOutcome()
        asked = [self._family.query + (text.strip() or ".")]
        return outcome.result(self._embedded(asked, _SEARCH_RETRIES, outcome))[0]

    def _embedded(
        self, texts: Sequence[str], schedule: _RetrySchedule, outcome: _EmbeddingOutcome
    ) -> list[Vector | None]:
        """Embed a batch; after a refusal, embed its halves, or a single text shortened.

        A single text that cannot be embedded gets None.
        """
        try:
            return self._validated(self._ask_with_retries(texts, schedule), len(texts), outcome)
        except ProviderError as error:
            if error.code not in TEXT_FAULT_CODES - {"provider_bad_vectors"}:
                raise
            fault = error
        if len(texts) > 1:
            return self._embedded_in_halves(
                texts, fault, _NO_RETRIES if fault.code == "provider_failing" else schedule, outcome
            )
        if fault.code == "provider_too_long" and len(texts[0]) >= _MIN_SHORTENED_CHARACTERS:
            return self._embedded([texts[0][: len(texts[0]) * 2 // 3]], schedule, outcome)
        if schedule is _NO_RETRIES and outcome.embedded:
            # Halving made no retries, so the error may be temporary and not that of the text.
            return self._embedded(texts, _INDEXING_RETRIES, outcome)
        outcome.refuse(fault)
        return [None]

    def _embedded_in_halves(
        self,
        texts: Sequence[str],
        fault: ProviderError,
        schedule: _RetrySchedule,
        outcome: _EmbeddingOutcome,
    ) -> list[Vector | None]:
        half = len(texts) // 2
        if fault.code in _SIZE_CODES:
            self._max_texts = max(1, min(self._max_texts, half))
        return self._embedded(texts[:half], schedule, outcome) + self._embedded(
            texts[half:], schedule, outcome
        )

    def _ask_with_retries(self, texts: Sequence[str], schedule: _RetrySchedule) -> object:
        for wait in schedule.waits:
            try:
                return self._ask_in_slot(texts, schedule)
            except ProviderError as error:
                asked_for = error.after or 0.0
                if error.code not in _RETRIED_CODES or asked_for > schedule.max_retry_after:
                    raise
                sleep(max(wait, asked_for))
        return self._ask_in_slot(texts, schedule)

    def _ask_in_slot(self, texts: Sequence[str], schedule: _RetrySchedule) -> object:
        """Call the server within the limit of concurrent batches; searches have no limit."""
        if schedule is _SEARCH_RETRIES:
            return self._ask(texts, schedule.seconds)
        with batch_slot(self.id):
            return self._ask(texts, schedule.seconds)

    def _validated(
        self, given: object, number: int, outcome: _EmbeddingOutcome
    ) -> list[Vector | None]:
        if not isinstance(given, list) or len(given) != number:
            raise self._faults.bad_vectors(self._found.name)
        vectors = [_normalized(vector) for vector in given]
        sizes = {len(vector) for vector in vectors if vector is not None}
        if len(sizes | {self._found.dimensions} - {None}) > 1:
            raise self._faults.bad_vectors(self._found.name)
        outcome.embedded += len(vectors) - vectors.count(None)
        for _nothing in range(vectors.count(None)):
            outcome.refuse(self._faults.bad_vectors(self._found.name))
        return vectors


def max_answer_bytes(texts: int, found: FoundModel) -> int:
    """Return the maximal bytes of an answer with the vectors of so many texts."""
    return texts * (found.dimensions or _MAX_DIMENSIONS) * _BYTES_PER_NUMBER + _ENVELOPE_BYTES


def batch_size(texts: Sequence[str], max_texts: int = MAX_TEXTS_PER_REQUEST) -> int:
    """Return how many of the first `texts` fit into one request, at least one."""
    tokens = 0.0
    for number, text in enumerate(texts[:max_texts]):
        tokens += count_tokens(text)
        if tokens > MAX_TOKENS_PER_REQUEST and number:
            return number
    return min(len(texts), max_texts)


def _normalized(vector: object) -> Vector | None:
    """Return the vector with length 1; None unless its numbers are finite and not all zero."""
    try:
        numbers = [float(number) for number in vector]  # type: ignore[attr-defined]
        length = math.hypot(*numbers)
    except (TypeError, ValueError, OverflowError):
        return None
    return (
        [number / length for number in numbers] if math.isfinite(length) and length > 1e-9 else None
    )
