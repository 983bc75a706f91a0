"""The vectors of the chunks of documents: those that are known, and the others from the model, several batches at once.

A text that the model cannot embed costs the others nothing: its chunk goes without a vector and is found by its words.
Only where no text at all can be embedded are they at fault, or the model. Which space serves is decided by
`index.active_space`; nothing is published here.
"""

import logging
from array import array
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, replace
from typing import Final

from django.conf import settings

from ingestion.index.spaces import dimensions_of, space_of
from ingestion.index.vector_cache import Known, Vector, hash_of, keep_for_another_try, known_vectors
from ingestion.models import Document, EmbeddingSpace
from providers.embedding.client import ABOUT_TEXTS, fitting
from providers.exceptions import PartlyEmbedded, ProviderError, ProviderRefused, ProviderUnavailable
from providers.protocols import EmbeddingModel
from providers.registry import embedding_model, is_built_in

logger = logging.getLogger(__name__)

BATCH: Final = 64  # Texts that a built-in model embeds at once: few enough to hear of a cancellation soon.
LOOK_EVERY: Final = 0.25  # Seconds: how often a cancellation is heard while a server takes its time.
MOST_REFUSED: Final = 3  # So many texts, and not one embedded: it is not the texts.
HARMLESS: Final = "size"

Tick = Callable[[int, int], None]
"""Hears how many texts are done, and of how many; may raise."""
Batch = tuple[int, list[Vector | None]]


@dataclass(frozen=True, slots=True)
class Vectors:
    """The vectors of chunks in one space, in order; None for a chunk that has none."""

    space: EmbeddingSpace
    vectors: Sequence[Vector | None]
    hashes: Sequence[bytes] | None = None
    """What the texts are known by, where it is worth looking for them again."""
    were_there: Collection[bytes] = ()
    """Those of them whose vectors were there already."""
    left_over: bool = False
    """Whether some are kept for another try, which nobody needs once these are published."""

    @property
    def missing(self) -> int:
        """How many chunks have no vector."""
        return self.vectors.count(None)

    @property
    def is_empty(self) -> bool:
        """Whether there are chunks, and none has a vector."""
        return bool(self.vectors) and self.missing == len(self.vectors)

    @property
    def known(self) -> int:
        """How many vectors were there already."""
        return sum(key in self.were_there for key in self.hashes or ())

    def part(self, place: slice) -> "Vectors":
        """Return the vectors of some of the chunks."""
        return replace(self, vectors=self.vectors[place], hashes=self.hashes and self.hashes[place])


def embed(documents: Sequence[Document], texts: Sequence[str], model_id: str, tick: Tick) -> Vectors:
    """Embed the texts of all chunks of one workspace's documents by a model; raises a ProviderError."""
    model = embedding_model(model_id)
    if is_built_in(model_id):
        found = [vector for _first, vectors in _in_turn(model, texts, tick) for vector in vectors]
        return Vectors(space_of(model_id, model.dimensions), found)
    return _Embedding(documents, model, tick).of(texts)


def for_searches_until_then(
    documents: Sequence[Document], serving: EmbeddingSpace, texts: Sequence[str], tick: Tick
) -> Vectors | None:
    """Return the vectors by which documents are found while their workspace still searches the space `serving`.

    A model that does not work any more is no reason to leave them out: then their words have to do.
    """
    if dimensions_of(serving.model) not in (None, serving.dimensions):
        return None
    try:
        vectors = embed(documents, texts, serving.model, tick)
    except ProviderError as error:
        logger.info("Document %s gets no vectors of %s: %s", documents[0].pk, serving, error)
        return None
    return vectors if vectors.space == serving else None


class _Embedding:
    """The work on documents of one workspace with a model behind a wire."""

    def __init__(self, documents: Sequence[Document], model: EmbeddingModel, tick: Tick) -> None:
        self._documents = documents
        self._model = model
        self._tick = tick
        self._current: EmbeddingSpace | None = None
        self._space: EmbeddingSpace | None = None
        self._refused: list[ProviderError] = []
        self._left_over = False

    def of(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of all texts."""
        hashes = [hash_of(text) for text in texts]
        wanted = dict(zip(hashes, texts, strict=True))
        known = known_vectors(self._documents, self._model.id, wanted)
        self._current = known.space
        made = self._made({key: text for key, text in wanted.items() if key not in known.vectors}, known)
        if known.vectors and self._space not in (None, known.space):  # The model has another size now.
            made |= self._made({key: wanted[key] for key in known.vectors}, Known())
            known = Known()
        space = self._space or known.space
        assert space is not None, "without a vector something has been raised"
        found = {**known.vectors, **made}
        left_over = self._left_over or known.unpublished
        return Vectors(space, [found.get(key) for key in hashes], hashes, known.vectors.keys(), left_over)

    def _made(self, wanted: Mapping[bytes, str], known: Known) -> dict[bytes, Vector]:
        """Have the model embed what is not known; raises what it said where that comes to nothing at all."""
        keys, texts = list(wanted), list(wanted.values())
        done = len(known.vectors)

        def tick(number: int, total: int) -> None:
            self._tick(done + number, done + total)

        made: dict[bytes, Vector] = {}
        batches = _at_once(self._model, texts, self._refuse, tick)
        for first, vectors in batches:
            fresh = {key: v for key, v in zip(keys[first:], vectors, strict=False) if v is not None}
            self._keep(fresh, is_last=first + len(vectors) == len(texts))
            made |= fresh
            if not made and not known.vectors and len(self._refused) > MOST_REFUSED:
                raise self._refused[0]
        if self._refused and not made and not known.vectors:
            raise self._refused[0]
        return made

    def _keep(self, fresh: Mapping[bytes, Vector], *, is_last: bool) -> None:
        if not fresh:
            return
        size = len(next(iter(fresh.values())))
        if self._space is None or self._space.dimensions != size:
            is_current = self._current is not None and self._current.dimensions == size
            self._space = self._current if is_current else space_of(self._model.id, size)
        assert self._space is not None
        if not is_last and len(self._documents) == 1:  # Where they are several, each is small.
            self._left_over = True
            keep_for_another_try(self._documents[0], self._space, fresh)

    def _refuse(self, fault: ProviderError) -> None:
        self._refused.append(fault)


def _in_turn(model: EmbeddingModel, texts: Sequence[str], tick: Tick) -> Iterator[Batch]:
    for first in range(0, len(texts), BATCH):
        tick(first, len(texts))
        yield first, _packed(model.embed_documents(texts[first : first + BATCH]))


def _at_once(
    model: EmbeddingModel, texts: Sequence[str], refuse: Callable[[ProviderError], None], tick: Tick
) -> Iterator[Batch]:
    """Yield batches in order while later ones are being embedded; `refuse` hears why texts have no vector."""
    batches = list(_batches(texts))
    tick(0, len(texts))
    if len(batches) < 2:
        for first, batch in batches:
            yield first, _outcome(model, batch, refuse)
        return
    threads = ThreadPoolExecutor(settings.EMBEDDINGS_AT_ONCE, thread_name_prefix="embedding")
    waiting: deque[tuple[int, Future[list[Vector | None]]]] = deque()
    try:
        for first, batch in batches:
            if len(waiting) == 2 * settings.EMBEDDINGS_AT_ONCE:  # As much again as is asked at once: nobody waits.
                yield _first_of(waiting, len(texts), tick)
            waiting.append((first, threads.submit(_outcome, model, batch, refuse)))
        while waiting:
            yield _first_of(waiting, len(texts), tick)
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


def _first_of(waiting: deque[tuple[int, "Future[list[Vector | None]]"]], total: int, tick: Tick) -> Batch:
    first, future = waiting.popleft()
    while True:
        tick(first, total)
        try:
            return first, future.result(LOOK_EVERY)
        except NotYet:
            if future.done():  # It is the model's own.
                raise


def _batches(texts: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    first = 0
    while first < len(texts):
        number = fitting(texts[first : first + BATCH])
        yield first, texts[first : first + number]
        first += number


def _outcome(
    model: EmbeddingModel, texts: Sequence[str], refuse: Callable[[ProviderError], None]
) -> list[Vector | None]:
    """Return the vectors of a batch, None for texts that the model cannot embed; raises what is not about texts."""
    try:
        return _packed(model.embed_documents(texts))
    except PartlyEmbedded as fault:
        refuse(fault)
        return _packed(fault.vectors)
    except ProviderRefused as fault:
        if fault.code not in ABOUT_TEXTS:
            raise
        for _text in texts:
            refuse(fault)
        return [None] * len(texts)
    except ProviderUnavailable as fault:
        if fault.code not in ABOUT_TEXTS or len(texts) > 1 or texts[0] == HARMLESS:
            raise
        # Is it the server or the text? Beside another text it can be told.
        return _outcome(model, [HARMLESS, *texts], refuse)[1:]


def _packed(vectors: Sequence[Vector | None]) -> list[Vector | None]:
    # A list of numbers takes eight times the room.
    return [None if vector is None else array("f", vector) for vector in vectors]
