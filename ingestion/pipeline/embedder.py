"""The embedding stage: vectors of the chunks of one or more documents of a workspace.

`embed()` and `embed_published_chunks()` are the stage, with progress per document. `embed_texts()`
below them takes known vectors from the database and the others from the model, several batches at
once. A text that the model refuses leaves one chunk without a vector, which keyword search still
finds; an error is raised only if no text at all could be embedded. `index.active_space` decides
which space searches use; nothing is published here.
"""

import logging
from array import array
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotDone
from dataclasses import dataclass, replace
from itertools import accumulate, chain
from typing import Final
from uuid import UUID

from django.conf import settings

from ingestion.index.active_space import serving_space
from ingestion.index.fingerprint import make_of
from ingestion.index.spaces import dimensions_of, space_of
from ingestion.index.vector_cache import (
    KnownVectors,
    Vector,
    hash_of,
    keep_for_another_try,
    known_vectors,
)
from ingestion.models import Chunk, Document, EmbeddingSpace
from ingestion.pipeline.chunking import embedding_text
from ingestion.pipeline.parse_stage import SplitDocument
from ingestion.queue.leases import Lease
from providers.embedding.client import TEXT_FAULT_CODES, batch_size
from providers.exceptions import PartlyEmbedded, ProviderError, ProviderRefused, ProviderUnavailable
from providers.protocols import EmbeddingModel
from providers.registry import embedding_model, is_built_in

logger = logging.getLogger(__name__)

Stage = Document.Stage
# Progress of a document, from 0 to 1, when embedding begins and ends.
EMBED_PROGRESS, INDEX_PROGRESS = (
    0.65,
    0.95,
)
# Texts for one call at most; a built-in model notices a cancellation between two calls.
BATCH_SIZE: Final = 64
POLL_SECONDS: Final = 0.25  # Between two looks for a cancellation while a server computes.
# More refusals than this without one vector are the model's fault, not the texts'.
MAX_REFUSED_TEXTS: Final = 3
PROBE_TEXT: Final = "size"

Tick = Callable[[int, int], None]
"""Called with the number of texts that are done, and of all; may raise."""
Batch = tuple[int, list[Vector | None]]
"""The place of the first text of a batch, and the vectors of the batch."""


class NothingEmbedded(Exception):
    """The model refused every text of one document in a batch.

    Embedding that document alone gives the reason.
    """


@dataclass(frozen=True, slots=True)
class Vectors:
    """The vectors of chunks in one space, in order; None for a chunk that has none."""

    space: EmbeddingSpace
    vectors: Sequence[Vector | None]
    hashes: Sequence[bytes] | None = None
    """Hashes of the texts, to find the vectors again.

    None for a built-in model, which is as fast as a look-up.
    """
    known_hashes: Collection[bytes] = ()
    """The hashes whose vectors came from the database."""
    has_unpublished: bool = False
    """Whether vectors are kept for another try, to be deleted when these are published."""

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
        """How many vectors came from the database."""
        return sum(key in self.known_hashes for key in self.hashes or ())

    def part(self, place: slice) -> "Vectors":
        """Return the vectors of some of the chunks."""
        return replace(self, vectors=self.vectors[place], hashes=self.hashes and self.hashes[place])


@dataclass(frozen=True, slots=True)
class EmbeddedDocument:
    """A document with its chunks and their vectors, ready to be published."""

    split: SplitDocument
    texts: Sequence[str]
    """The embedding text of each chunk, which keyword search indexes too."""
    make: str
    vectors: Vectors
    serving: EmbeddingSpace | None
    """The space that searches use meanwhile; None for a workspace without chunks."""
    serving_vectors: Vectors | None
    """Vectors of that space, if it is not the space of `vectors` and its model still works."""


@dataclass(frozen=True, slots=True)
class EmbeddedChunks:
    """Vectors in another space for the published chunks of a document."""

    make: str
    chunks: Sequence[UUID]
    vectors: Vectors


def embed(split_documents: Sequence[SplitDocument]) -> list[EmbeddedDocument]:
    """Embed the chunks of one or more documents of one workspace by its model.

    Raises a `ProviderError`, `LeaseLost`, and `NothingEmbedded` for a batch with a document that
    got no vector at all.
    """
    leases = [split_document.lease for split_document in split_documents]
    workspace = split_documents[0].document.workspace
    texts = [split_document.embedding_texts for split_document in split_documents]
    vectors = _embed_stage(leases, texts)
    serving, space = serving_space(workspace), vectors[0].space
    serving_vectors: Sequence[Vectors | None] = [None] * len(texts)
    if serving and serving != space:
        serving_vectors = _embed_for_serving(leases, texts, serving) or serving_vectors
    make = make_of(workspace, space.dimensions)
    return [
        EmbeddedDocument(split_document, own_texts, make, own, serving, own_serving)
        for split_document, own_texts, own, own_serving in zip(
            split_documents, texts, vectors, serving_vectors, strict=True
        )
    ]


def embed_published_chunks(lease: Lease) -> EmbeddedChunks:
    """Embed the published chunks of a document by the workspace's present model.

    Raises as `embed` does.
    """
    document = lease.document
    rows = list(
        Chunk.objects.filter(document=document)
        .defer("terms", "weights", "boxes", "anchors")
        .order_by("position")
    )
    [vectors] = _embed_stage(
        [lease], [[embedding_text(document.stem, row.headings, row.text) for row in rows]]
    )
    make = make_of(document.workspace, vectors.space.dimensions)
    return EmbeddedChunks(make, [row.pk for row in rows], vectors)


def _embed_stage(leases: Sequence[Lease], texts: Sequence[Sequence[str]]) -> list[Vectors]:
    """Embed the texts of each document by the workspace's model, all as one sequence.

    Returns each document's part.
    """
    documents = [lease.document for lease in leases]
    model = documents[0].workspace.setting("embedding_model")
    for lease, own in zip(leases, texts, strict=True):
        lease.begin(Stage.EMBED, EMBED_PROGRESS, chunks=len(own), model=model)
    places = _places(texts)
    together = embed_texts(
        documents, [*chain.from_iterable(texts)], model, _progress(leases, places)
    )
    vectors = [together.part(place) for place in places]
    if any(own.is_empty for own in vectors):
        raise NothingEmbedded
    for lease, part in zip(leases, vectors, strict=True):
        lease.run.count(known=part.known, without_vector=part.missing)
    return vectors


def _embed_for_serving(
    leases: Sequence[Lease], texts: Sequence[Sequence[str]], serving: EmbeddingSpace
) -> list[Vectors] | None:
    """Embed the texts in the space that searches use during a change of the model.

    None if that space's model no longer works: until then keyword search has to find the documents.
    """
    if dimensions_of(serving.model) not in (None, serving.dimensions):
        return None
    documents, places = [lease.document for lease in leases], _places(texts)
    try:
        vectors = embed_texts(
            documents, [*chain.from_iterable(texts)], serving.model, _progress(leases, places)
        )
    except ProviderError as error:
        logger.info("Document %s gets no vectors of %s: %s", documents[0].pk, serving, error)
        return None
    return [vectors.part(place) for place in places] if vectors.space == serving else None


def _places(texts: Sequence[Sequence[str]]) -> list[slice]:
    """Return the place of each document's texts in the sequence of all texts."""
    sizes = [len(own) for own in texts]
    return [slice(end - size, end) for size, end in zip(sizes, accumulate(sizes), strict=True)]


def _progress(leases: Sequence[Lease], places: Sequence[slice]) -> Tick:
    """Return a function that reports to each lease the progress within its own document."""

    def tick(done: int, _total: int) -> None:
        for lease, place in zip(leases, places, strict=True):
            total = place.stop - place.start
            own = min(max(0, done - place.start), total)
            share = own / max(total, 1)
            lease.report(
                Stage.EMBED, EMBED_PROGRESS + (INDEX_PROGRESS - EMBED_PROGRESS) * share, own, total
            )

    return tick


def embed_texts(
    documents: Sequence[Document], texts: Sequence[str], model_id: str, tick: Tick
) -> Vectors:
    """Embed texts of one workspace's documents by a model.

    Raises a `ProviderError` if no text could be embedded.
    """
    model = embedding_model(model_id)
    if not is_built_in(model_id):
        return _ServerEmbedding(documents, model, tick).embed(texts)
    vectors: list[Vector | None] = []
    for first in range(0, len(texts), BATCH_SIZE):
        tick(first, len(texts))
        vectors += _packed(model.embed_documents(texts[first : first + BATCH_SIZE]))
    return Vectors(space_of(model_id, model.dimensions), vectors)


class _ServerEmbedding:
    """Embeds texts of one workspace by a model on a server, unless their vectors are known."""

    def __init__(self, documents: Sequence[Document], model: EmbeddingModel, tick: Tick) -> None:
        self._documents = documents
        self._model = model
        self._tick = tick
        self._current: EmbeddingSpace | None = None
        self._space: EmbeddingSpace | None = None
        self._refused: list[ProviderError] = []
        self._has_unpublished = False

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of all texts."""
        hashes = [hash_of(text) for text in texts]
        wanted = dict(zip(hashes, texts, strict=True))
        known = known_vectors(self._documents, self._model.id, wanted)
        self._current = known.space
        new = self._embed_missing(
            {key: text for key, text in wanted.items() if key not in known.vectors}, known
        )
        # The size of the model's vectors has changed.
        if known.vectors and self._space not in (None, known.space):
            new |= self._embed_missing({key: wanted[key] for key in known.vectors}, KnownVectors())
            known = KnownVectors()
        space = self._space or known.space
        assert space is not None, "without any vector an error has been raised"
        vectors = {**known.vectors, **new}
        has_unpublished = self._has_unpublished or known.has_unpublished
        return Vectors(
            space,
            [vectors.get(key) for key in hashes],
            hashes,
            known.vectors.keys(),
            has_unpublished,
        )

    def _embed_missing(
        self, wanted: Mapping[bytes, str], known: KnownVectors
    ) -> dict[bytes, Vector]:
        """Return vectors by the model.

        Raises its first refusal if neither the model nor the database has any.
        """
        keys, texts = list(wanted), list(wanted.values())
        done = len(known.vectors)

        def tick(number: int, total: int) -> None:
            self._tick(done + number, done + total)

        made: dict[bytes, Vector] = {}
        for first, vectors in _concurrent_batches(self._model, texts, self._refused.append, tick):
            fresh = {key: v for key, v in zip(keys[first:], vectors, strict=False) if v is not None}
            self._keep(fresh, is_last=first + len(vectors) == len(texts))
            made |= fresh
            if not made and not known.vectors and len(self._refused) > MAX_REFUSED_TEXTS:
                raise self._refused[0]
        if self._refused and not made and not known.vectors:
            raise self._refused[0]
        return made

    def _keep(self, fresh: Mapping[bytes, Vector], *, is_last: bool) -> None:
        """Note the space of new vectors, and store those of a single document for a retry."""
        if not fresh:
            return
        size = len(next(iter(fresh.values())))
        if self._space is None or self._space.dimensions != size:
            is_current = self._current is not None and self._current.dimensions == size
            self._space = self._current if is_current else space_of(self._model.id, size)
        assert self._space is not None
        if not is_last and len(self._documents) == 1:  # Documents of a batch are small.
            self._has_unpublished = True
            keep_for_another_try(self._documents[0], self._space, fresh)


def _concurrent_batches(
    model: EmbeddingModel, texts: Sequence[str], refuse: Callable[[ProviderError], None], tick: Tick
) -> Iterator[Batch]:
    """Yield batches in order while later ones are being embedded.

    `refuse` gets the error of each refused text.
    """
    batches: list[tuple[int, Sequence[str]]] = []
    first = 0
    while first < len(texts):
        number = batch_size(texts[first : first + BATCH_SIZE])
        batches.append((first, texts[first : first + number]))
        first += number
    tick(0, len(texts))
    if len(batches) < 2:
        for first, batch in batches:
            yield first, _embed_batch(model, batch, refuse)
        return
    threads = ThreadPoolExecutor(settings.EMBEDDINGS_AT_ONCE, thread_name_prefix="embedding")
    waiting: deque[tuple[int, Future[list[Vector | None]]]] = deque()
    try:
        for first, batch in batches:
            # Twice the number of threads, so that none is idle.
            if len(waiting) == 2 * settings.EMBEDDINGS_AT_ONCE:
                yield _result_of(waiting, len(texts), tick)
            waiting.append((first, threads.submit(_embed_batch, model, batch, refuse)))
        while waiting:
            yield _result_of(waiting, len(texts), tick)
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


def _result_of(
    waiting: deque[tuple[int, "Future[list[Vector | None]]"]], total: int, tick: Tick
) -> Batch:
    """Wait for the oldest batch, calling `tick` meanwhile, which raises after a cancellation."""
    first, future = waiting.popleft()
    while True:
        tick(first, total)
        try:
            return first, future.result(POLL_SECONDS)
        except NotDone:
            if future.done():  # The model raised a TimeoutError itself.
                raise


def _embed_batch(
    model: EmbeddingModel, texts: Sequence[str], refuse: Callable[[ProviderError], None]
) -> list[Vector | None]:
    """Return the vectors of a batch, None for texts that the model refuses.

    Raises errors that are not about texts.
    """
    try:
        return _packed(model.embed_documents(texts))
    except PartlyEmbedded as fault:
        refuse(fault)
        return _packed(fault.vectors)
    except ProviderRefused as fault:
        if fault.code not in TEXT_FAULT_CODES:
            raise
        for _text in texts:
            refuse(fault)
        return [None] * len(texts)
    except ProviderUnavailable as fault:
        if fault.code not in TEXT_FAULT_CODES or len(texts) > 1 or texts[0] == PROBE_TEXT:
            raise
        # A second, harmless text tells whether the server fails or only this text.
        return _embed_batch(model, [PROBE_TEXT, *texts], refuse)[1:]


def _packed(vectors: Sequence[Vector | None]) -> list[Vector | None]:
    """Return vectors as single-precision arrays; lists of floats take eight times the memory."""
    return [None if vector is None else array("f", vector) for vector in vectors]
