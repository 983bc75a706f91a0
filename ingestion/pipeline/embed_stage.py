"""The stage of embedding: all texts of one or more documents go to the model as one, and each document gets its part.

Each hears of its own progress alone. How texts become vectors is the business of `embedder`.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate, chain

from ingestion.models import Document, EmbeddingSpace
from ingestion.pipeline.embedder import Vectors, embed, for_searches_until_then
from ingestion.queue.leases import Lease

EMBEDDING, INDEXING = 0.65, 0.95  # Where this stage and the next begin on the way from 0 to 1.
Stage = Document.Stage
Texts = Sequence[Sequence[str]]
"""The texts of each document."""


class NothingEmbedded(Exception):
    """A document among several has no vector at all. By itself it would be told why."""


def embedded(leases: Sequence[Lease], texts: Texts) -> list[Vectors]:
    """Return the vectors of each document by the model of their workspace.

    Raises a ProviderError; `NothingEmbedded` where the model took the texts of others, but none of some document.
    """
    documents = [lease.document for lease in leases]
    model = documents[0].workspace.setting("embedding_model")
    for lease, own in zip(leases, texts, strict=True):
        lease.begin(Stage.EMBED, EMBEDDING, chunks=len(own), model=model)
    parts = _in_parts(embed(documents, _joined(texts), model, _ticking(leases, texts)), texts)
    if any(part.is_empty for part in parts):
        raise NothingEmbedded
    for lease, part in zip(leases, parts, strict=True):
        lease.timeline.count(known=part.known, without_vector=part.missing)
    return parts


def embedded_for_searches(leases: Sequence[Lease], texts: Texts, serving: EmbeddingSpace) -> Sequence[Vectors | None]:
    """Return the vectors of each document in the space that searches still use; None where there are none to be had."""
    documents = [lease.document for lease in leases]
    vectors = for_searches_until_then(documents, serving, _joined(texts), _ticking(leases, texts))
    return _in_parts(vectors, texts) if vectors else [None] * len(leases)


def _joined(texts: Texts) -> list[str]:
    return list(chain.from_iterable(texts))


def _in_parts(vectors: Vectors, texts: Texts) -> list[Vectors]:
    return [vectors.part(place) for place in _places(texts)]


def _places(texts: Texts) -> list[slice]:
    """Return where the texts of each document stand among all."""
    sizes = [len(own) for own in texts]
    return [slice(end - size, end) for size, end in zip(sizes, accumulate(sizes), strict=True)]


def _ticking(leases: Sequence[Lease], texts: Texts) -> Callable[[int, int], None]:
    places = _places(texts)

    def tick(done: int, _of_all: int) -> None:
        for lease, place in zip(leases, places, strict=True):
            total = place.stop - place.start
            own = min(max(0, done - place.start), total)
            lease.report(Stage.EMBED, EMBEDDING + (INDEXING - EMBEDDING) * own / max(total, 1), own, total)

    return tick
