"""From a claimed document to its place in the index: read, embed, publish; alone, or with others of its workspace.

Nothing is written before the end, so a document that is cancelled, deleted or taken over on the way leaves no trace,
and indexing twice leaves one set of chunks. Who works on which document when is decided by `queue` and `worker`.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from django.db import InterfaceError, OperationalError, connection

from ingestion.errors import messages
from ingestion.errors.exceptions import ParsingCancelled, UnreadableDocument
from ingestion.index.active_space import go_over, serving_space
from ingestion.index.fingerprint import differs_in_model_alone, make_of
from ingestion.models import Chunk, Document, Run
from ingestion.parsing.formats import ARCHIVES
from ingestion.pipeline.archives import close, unpack
from ingestion.pipeline.chunk_sizes import sizes_of
from ingestion.pipeline.chunking import Piece, PlacedBox
from ingestion.pipeline.embed_stage import INDEXING, embedded, embedded_for_searches
from ingestion.pipeline.parse_stage import Text, read, searchable
from ingestion.pipeline.publishing import Edition, FurtherVectors, publish, publish_further_vectors
from ingestion.queue import claims
from ingestion.queue.leases import Lease, NoLongerWanted
from ingestion.queue.run_recorder import Timeline, keep_all
from ingestion.storage import blobs
from providers.embedding.client import ABOUT_TEXTS
from providers.exceptions import ProviderError, ProviderUnavailable
from web.exceptions import DiskFull

logger = logging.getLogger(__name__)

Stage, Outcome = Document.Stage, Run.Outcome
Details = Mapping[str, Any] | None
# What others wait for: chunks of a document while it is embedded, about one call to a model; seconds while it is read.
FEW: Final = 32
SOON: Final = 5.0


def index(document: Document, lease: Lease | None = None) -> None:
    """Index one claimed document. Whatever goes wrong ends in its row; nothing is raised."""
    lease = lease or Lease(document)
    with _ending_in_its_row(lease):
        _index(lease)


def index_together(leases: Sequence[Lease]) -> None:
    """Index claimed documents of one workspace, none of which has chunks yet, with one embedding and one transaction.

    A shortcut and no more: where they cannot go in together each goes by itself, and has its own trouble. What turns
    out to be large or slow does so after the others.
    """
    texts, alone = _read_all(leases)
    if texts and not _published(texts):
        alone = [*(text.lease for text in texts), *alone]
    for lease in alone:
        lease.timeline = Timeline(lease.document)
        index(lease.document, lease)


def _read_all(leases: Sequence[Lease]) -> tuple[list[Text], list[Lease]]:
    """Return the texts that are read soon and of few chunks, and the leases on the other documents."""
    texts: list[Text] = []
    others: list[Lease] = []
    for lease in leases:
        with _ending_in_its_row(lease):
            blobs.keep_room(blobs.RESERVE // 2)
            text = _read_soon(lease)
            if text is None or len(text.pieces) > FEW:
                others.append(lease)
            else:
                texts.append(text)
    return texts, others


def _read_soon(lease: Lease) -> Text | None:
    try:
        return read(lease, within=SOON)
    except ParsingCancelled:
        if lease.is_lost:
            raise
        return None


def _published(texts: Sequence[Text]) -> bool:
    """Whether that is all for several documents. If not, which of them is the cause shows when each goes by itself."""
    try:
        return _publish(texts)
    except ProviderError as exc:
        if exc.code in ABOUT_TEXTS:
            return False
        for text in texts:  # The model's own trouble is that of all; to ask again for each would add to it.
            with _ending_in_its_row(text.lease):
                raise exc
        return True
    except Exception as exc:
        logger.info("Of %s documents each goes by itself.", len(texts), exc_info=True)
        if isinstance(exc, OperationalError | InterfaceError):
            connection.close()
        return False


@contextmanager
def _ending_in_its_row(lease: Lease) -> Iterator[None]:
    document = lease.document
    try:
        yield
    except (NoLongerWanted, ParsingCancelled):
        outcome = Outcome.STOPPED if claims.give_back(document) else Outcome.CANCELLED
        lease.timeline.keep(outcome)
    except UnreadableDocument as exc:
        _fail(lease, exc.code, {"reason": exc.reason})
    except DiskFull as exc:
        _postpone(lease, exc.code)
    except ProviderUnavailable as exc:
        _postpone(lease, exc.code, {"message": exc.kept}, after=exc.after)
    except ProviderError as exc:
        _fail(lease, exc.code, {"message": exc.kept, "model": getattr(exc, "model", "")})
    except (OperationalError, InterfaceError) as exc:
        logger.warning("The database failed while document %s was indexed.", document.pk, exc_info=True)
        connection.close()
        _postpone(lease, messages.DISK_FULL if blobs.is_disk_full(exc) else messages.DATABASE_UNAVAILABLE)
    except Exception:  # The edge: one document's trouble must not end the worker.
        if _fail(lease, messages.INTERNAL):
            logger.exception("Document %s could not be indexed.", document.pk)


def _fail(lease: Lease, code: str, details: Details = None) -> bool:
    if not claims.fail(lease.document, code, details):
        return False
    lease.timeline.keep(Outcome.FAILED, code, details)
    return True


def _postpone(lease: Lease, code: str, details: Details = None, *, after: float | None = None) -> None:
    if claims.postpone(lease.document, code, details, after=after):
        given_up = lease.document.attempts >= claims.MAX_ATTEMPTS
        lease.timeline.keep(Outcome.FAILED if given_up else Outcome.POSTPONED, code, details)


def _index(lease: Lease) -> None:
    blobs.keep_room(blobs.RESERVE // 2)
    if lease.document.media_type in ARCHIVES:
        unpack(lease.document, lease)
    elif _keeps_its_chunks(lease.document):
        _add_vectors(lease)
    else:
        _publish([read(lease)])


def _keeps_its_chunks(document: Document) -> bool:
    """Whether only vectors of another model are wanted, and that model reads the chunks whole."""
    of_this_version = document.chunk_count and document.stand_in is None
    if not of_this_version or not differs_in_model_alone(document.make, make_of(document.workspace)):
        return False
    texts = Chunk.objects.filter(document=document).values_list("text", flat=True)
    return sizes_of(document.workspace).hold(texts)


def _publish(texts: Sequence[Text]) -> bool:
    """Embed and publish what was read of documents of one workspace; False when one of them is no longer ours."""
    leases = [text.lease for text in texts]
    editions = _editions(texts)
    for lease, edition in zip(leases, editions, strict=True):
        lease.begin(Stage.INDEX, INDEXING, chunks=len(edition.pieces))
    # Several are small, and written before anybody could be heard.
    tick = partial(leases[0].report, Stage.INDEX, INDEXING)
    is_published = publish(editions, tick=tick, lastly=partial(_finish, leases))
    if is_published and editions[0].serving not in (None, editions[0].vectors.space):
        go_over(leases[0].document.workspace)
    return is_published


def _editions(texts: Sequence[Text]) -> list[Edition]:
    leases = [text.lease for text in texts]
    workspace = leases[0].document.workspace
    words = [text.searchable for text in texts]
    vectors = embedded(leases, words)
    serving, space = serving_space(workspace), vectors[0].space
    also = embedded_for_searches(leases, words, serving) if serving and serving != space else [None] * len(texts)
    make = make_of(workspace, space.dimensions)
    return [
        Edition(
            text.lease.document,
            text.title,
            text.pages,
            make,
            text.pieces,
            text.repeated,
            own,
            vectors,
            serving,
            further,
        )
        for text, own, vectors, further in zip(texts, words, vectors, also, strict=True)
    ]


def _add_vectors(lease: Lease) -> None:
    """Embed the chunks that are there by another model; what they are found by is as it was."""
    document = lease.document
    rows = list(Chunk.objects.filter(document=document).defer("terms", "weights").order_by("position"))
    [vectors] = embedded([lease], [[searchable(document.stem, _piece_of(chunk)) for chunk in rows]])
    make = make_of(document.workspace, vectors.space.dimensions)
    further = FurtherVectors(make, [chunk.pk for chunk in rows], vectors)
    lease.begin(Stage.INDEX, INDEXING)
    tick = partial(lease.report, Stage.INDEX, INDEXING)
    if publish_further_vectors(document, further, tick=tick, lastly=partial(_finish, [lease])):
        go_over(document.workspace)


def _piece_of(chunk: Chunk) -> Piece:
    """Return the piece that a chunk was made of."""
    boxes = tuple(PlacedBox(*box) for box in chunk.boxes)
    return Piece(chunk.text, tuple(chunk.headings), chunk.page_from, chunk.page_to, chunk.start, chunk.end, boxes)


def _finish(leases: Sequence[Lease]) -> None:
    for lease in leases:
        if lease.document.contents:
            close(lease.document)
    keep_all([lease.timeline for lease in leases], Outcome.READY)
