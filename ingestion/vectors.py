"""The vectors of pieces: by the workspace's model, and while another one still serves searches also by that one.

Nothing is stored here. Which space serves is decided by `serving`.
"""

import logging
from array import array
from collections.abc import Callable, Sequence

from ingestion.leases import Lease
from ingestion.models import Document, EmbeddingSpace
from ingestion.serving import serving_space
from ingestion.splitting import Piece, embedding_text
from providers.exceptions import ProviderError
from providers.protocols import EmbeddingModel
from providers.registry import embedding_model

logger = logging.getLogger(__name__)

BATCH = 64  # Chunks embedded at once: enough for speed, few enough to hear of a cancellation soon.

Vectors = Sequence[Sequence[float]]
TextOf = Callable[[Piece], str]
Tick = Callable[[float], None]


def searchable(title: str, piece: Piece) -> str:
    """Return the words that a piece is found by."""
    return embedding_text(title, piece.headings, piece.text)


def space_of(model: EmbeddingModel) -> EmbeddingSpace:
    """Return the space of a model's vectors, made at first need."""
    space, _made = EmbeddingSpace.objects.get_or_create(model=model.id, dimensions=model.dimensions)
    return space


def embed(pieces: Sequence[Piece], text_of: TextOf, model: EmbeddingModel, tick: Tick) -> list[Sequence[float]]:
    """Embed pieces in batches; `tick` hears before each how much is done, from 0 to 1, and may raise."""
    vectors: list[Sequence[float]] = []
    for start in range(0, len(pieces), BATCH):
        tick(start / len(pieces))
        texts = [text_of(piece) for piece in pieces[start : start + BATCH]]
        # Packed, since a list of numbers takes eight times the room.
        vectors += [array("f", vector) for vector in model.embed_documents(texts)]
    return vectors


def for_searches_until_then(
    document: Document, space: EmbeddingSpace, pieces: Sequence[Piece], text_of: TextOf, lease: Lease
) -> tuple[EmbeddingSpace, Vectors] | None:
    """Return the vectors by which a document is found while its workspace still searches another space than `space`.

    A model that does not work any more is no reason to leave the document out: then its words have to do.
    """
    serving = serving_space(document.workspace)
    if serving is None or serving == space:
        return None
    try:
        model = embedding_model(serving.model)
        if model.dimensions != serving.dimensions:
            return None
        return serving, embed(pieces, text_of, model, lambda _share: lease.report(Document.Stage.EMBED, 0.0))
    except ProviderError as error:
        logger.info("Document %s gets no vectors of %s: %s", document.pk, serving, error)
        return None
