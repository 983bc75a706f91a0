"""From a claimed document to its place in the index: parse, split, embed, publish.

Nothing is written before the end, so a document that is cancelled, deleted or taken over on the way leaves no trace,
and indexing twice leaves one set of chunks. Who works on which document when is decided by `queue` and `work`.
"""

import logging
from collections.abc import Sequence

from django.db import InterfaceError, OperationalError, connection

from ingestion import blobs, failures, queue
from ingestion.exceptions import ParsingCancelled, UnreadableDocument
from ingestion.leases import Lease, NoLongerWanted
from ingestion.makes import make_of
from ingestion.models import TITLE_LENGTH, Document, EmbeddingSpace
from ingestion.parsers import parser_pool
from ingestion.parsing.elements import Parsed
from ingestion.passwords import unseal
from ingestion.publishing import Edition, Indexed, publish
from ingestion.splitting import Piece, embedding_text, split
from ingestion.terms import document_weights
from providers.exceptions import ProviderError, ProviderUnavailable
from providers.protocols import EmbeddingModel
from providers.registry import embedding_model

logger = logging.getLogger(__name__)

BATCH = 64  # Chunks embedded at once: enough for speed, few enough to hear of a cancellation soon.
# Where each stage begins on the way from 0 to 1.
SPLITTING, EMBEDDING, INDEXING = 0.6, 0.65, 0.95


def index(document: Document, lease: Lease | None = None) -> None:
    """Index one claimed document. Whatever goes wrong ends in its row; nothing is raised."""
    lease = lease or Lease(document)
    try:
        if not publish(document, _edition(document, lease)):
            logger.info("Document %s was taken away while it was indexed.", document.pk)
    except (NoLongerWanted, ParsingCancelled):
        queue.give_back(document)
    except UnreadableDocument as exc:
        queue.fail(document, exc.code, {"reason": exc.reason})
    except ProviderUnavailable as exc:
        queue.postpone(document, exc.code, {"message": str(exc)})
    except ProviderError as exc:
        queue.fail(document, exc.code, {"message": str(exc), "model": getattr(exc, "model", "")})
    except (OperationalError, InterfaceError):
        logger.warning("The database failed while document %s was indexed.", document.pk, exc_info=True)
        connection.close()
        queue.postpone(document, failures.DATABASE_UNAVAILABLE)
    except Exception:  # The edge: one document's trouble must not end the worker.
        logger.exception("Document %s could not be indexed.", document.pk)
        queue.fail(document, failures.INTERNAL)


def _edition(document: Document, lease: Lease) -> Edition:
    make = make_of(document.workspace)
    parsed = _parse(document, lease)
    lease.report(Document.Stage.SPLIT, SPLITTING)
    pieces = _split(document, parsed)
    title = parsed.title[:TITLE_LENGTH]
    texts = [embedding_text(title or document.stem, piece.headings, piece.text) for piece in pieces]
    model = embedding_model(document.workspace.setting("embedding_model"))
    vectors = _embed(texts, model, lease)
    lease.report(Document.Stage.INDEX, INDEXING)
    salt = document.workspace_id.int
    chunks = [
        Indexed(piece, document_weights(text, salt=salt), vector)
        for piece, text, vector in zip(pieces, texts, vectors, strict=True)
    ]
    space, _made = EmbeddingSpace.objects.get_or_create(model=model.id, dimensions=model.dimensions)
    return Edition(title, parsed.pages, make, space, chunks)


def _parse(document: Document, lease: Lease) -> Parsed:
    return parser_pool().parse(
        blobs.path_of(document.blob_id),
        document.media_type,
        name=document.name,
        password=unseal(document.sealed_password),
        progress=lambda share: lease.note(Document.Stage.PARSE, share * SPLITTING),
        cancelled=lambda: lease.is_lost,
    )


def _split(document: Document, parsed: Parsed) -> list[Piece]:
    workspace = document.workspace
    return split(
        parsed.elements, chunk_tokens=workspace.setting("chunk_tokens"), overlap=workspace.setting("chunk_overlap")
    )


def _embed(texts: Sequence[str], model: EmbeddingModel, lease: Lease) -> list[Sequence[float]]:
    vectors: list[Sequence[float]] = []
    for start in range(0, len(texts), BATCH):
        lease.report(Document.Stage.EMBED, EMBEDDING + (INDEXING - EMBEDDING) * start / len(texts))
        vectors.extend(model.embed_documents(texts[start : start + BATCH]))
    return vectors
