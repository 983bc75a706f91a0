"""Indexing of a claimed document: `index()` parses, splits, embeds and publishes.

Nothing is written before publishing, so a document that is cancelled, deleted or taken over
meanwhile leaves no trace, and indexing twice leaves one set of chunks. `queue` and `worker` decide
which document is indexed when.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from django.db import InterfaceError, OperationalError, connection

from ingestion.errors import messages
from ingestion.errors.exceptions import ParsingCancelled, UnreadableDocument
from ingestion.errors.fetching import FetchFailed
from ingestion.index.fingerprint import differs_in_model_alone, make_of
from ingestion.models import Chunk, Document, Run
from ingestion.parsing.formats import ARCHIVES
from ingestion.pipeline.archives import unpack
from ingestion.pipeline.chunk_sizes import sizes_of
from ingestion.pipeline.embedder import embed, embed_published_chunks
from ingestion.pipeline.parse_stage import SplitDocument, parse, split
from ingestion.pipeline.publishing import publish, publish_vectors
from ingestion.queue import claims
from ingestion.queue.leases import Lease, LeaseLost
from ingestion.queue.run_recorder import RunRecorder
from ingestion.sources.materialize import fetch_page, is_unfetched
from ingestion.storage import blobs
from providers.embedding.client import TEXT_FAULT_CODES
from providers.exceptions import ProviderError, ProviderUnavailable
from web.exceptions import DiskFull

logger = logging.getLogger(__name__)

Outcome = Run.Outcome
# Documents of a batch wait for each other, so a document within these limits only stays in a batch.
MAX_BATCHED_CHUNKS: Final = 32  # About one call to an embedding model.
BATCHED_PARSE_SECONDS: Final = 5.0


def index(document: Document, lease: Lease | None = None) -> None:
    """Parse, split, embed and publish one claimed document.

    Raises nothing: an error ends in the document's row, which is then failed, postponed or back in
    the queue. The bytes of a new web page are fetched first. An archive is unpacked into documents
    instead. If only the embedding model has changed, the chunks stay and get further vectors.
    """
    lease = lease or Lease(document)
    with _errors_to_row(lease):
        blobs.keep_room(blobs.RESERVED_BYTES // 2)
        if is_unfetched(document):
            fetch_page(lease)
        if document.media_type in ARCHIVES:
            unpack(document, lease)
        elif _needs_vectors_only(document):
            publish_vectors(lease, embed_published_chunks(lease))
        else:
            # Nested, so that the parsed document, large for a book, is freed before its chunks are
            # embedded.
            split_document = split(lease, parse(lease))
            publish(embed([split_document]))


def index_batch(leases: Sequence[Lease]) -> None:
    """Index small new documents of one workspace with one call to the model and one transaction.

    Raises nothing. A document that cannot be indexed with the batch, or is too large or too slow
    for it, is indexed alone afterwards.
    """
    batch: list[SplitDocument] = []
    alone: list[Lease] = []
    for lease in leases:
        with _errors_to_row(lease):
            blobs.keep_room(blobs.RESERVED_BYTES // 2)
            try:
                split_document = split(lease, parse(lease, within=BATCHED_PARSE_SECONDS))
            except ParsingCancelled:
                if lease.is_lost:
                    raise
                alone.append(lease)
                continue
            if len(split_document.chunks) > MAX_BATCHED_CHUNKS:
                alone.append(lease)
            else:
                batch.append(split_document)
    if batch and not _publish_batch(batch):
        alone = [*(split_document.lease for split_document in batch), *alone]
    for lease in alone:
        lease.run = RunRecorder(lease.document)
        index(lease.document, lease)


def _publish_batch(batch: Sequence[SplitDocument]) -> bool:
    """Embed and publish a batch.

    Returns False if each document has to be indexed alone, to find the one at fault.
    """
    try:
        publish(embed(batch))
    except LeaseLost:
        return False
    except ProviderError as exc:
        if exc.code in TEXT_FAULT_CODES:
            return False
        # The model server itself has failed: asking it once for each document would add to its
        # load.
        for split_document in batch:
            with _errors_to_row(split_document.lease):
                raise exc
    except Exception as exc:
        logger.info(
            "Indexing a batch of %s documents failed; indexing each alone.",
            len(batch),
            exc_info=True,
        )
        if isinstance(exc, OperationalError | InterfaceError):
            connection.close()
        return False
    return True


def _needs_vectors_only(document: Document) -> bool:
    """Whether only the embedding model of `document` has changed, and its chunks fit the new one."""
    has_current_chunks = document.chunk_count and document.stand_in is None
    if not has_current_chunks or not differs_in_model_alone(
        document.make, make_of(document.workspace)
    ):
        return False
    texts = Chunk.objects.filter(document=document).values_list("text", flat=True)
    return sizes_of(document.workspace).hold(texts)


@contextmanager
def _errors_to_row(lease: Lease) -> Iterator[None]:
    """Write an error of the block to the document's row and run: failed, postponed or requeued."""
    document = lease.document
    try:
        yield
    except (LeaseLost, ParsingCancelled):
        lease.run.save(Outcome.STOPPED if claims.give_back(document) else Outcome.CANCELLED)
    except UnreadableDocument as exc:
        _fail(lease, exc.code, {"reason": exc.reason})
    except FetchFailed as exc:
        (_postpone if exc.is_temporary else _fail)(lease, exc.code, exc.details)
    except blobs.TooLarge as exc:
        _fail(lease, exc.code)
    except DiskFull as exc:
        _postpone(lease, exc.code)
    except ProviderUnavailable as exc:
        _postpone(lease, exc.code, {"message": exc.kept}, after=exc.after)
    except ProviderError as exc:
        _fail(lease, exc.code, {"message": exc.kept, "model": getattr(exc, "model", "")})
    except (OperationalError, InterfaceError) as exc:
        logger.warning(
            "The database failed while document %s was indexed.", document.pk, exc_info=True
        )
        connection.close()
        _postpone(
            lease, messages.DISK_FULL if blobs.is_disk_full(exc) else messages.DATABASE_UNAVAILABLE
        )
    except Exception:  # The edge: an error of one document must not end the worker.
        if _fail(lease, messages.INTERNAL):
            logger.exception("Document %s could not be indexed.", document.pk)


def _fail(lease: Lease, code: str, details: Mapping[str, Any] | None = None) -> bool:
    if not claims.fail(lease.document, code, details):
        return False
    lease.run.save(Outcome.FAILED, code, details)
    return True


def _postpone(
    lease: Lease, code: str, details: Mapping[str, Any] | None = None, *, after: float | None = None
) -> None:
    if claims.postpone(lease.document, code, details, after=after):
        is_last = lease.document.attempts >= claims.MAX_ATTEMPTS
        lease.run.save(Outcome.FAILED if is_last else Outcome.POSTPONED, code, details)
