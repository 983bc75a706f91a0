"""From a claimed document to its place in the index: parse, split, embed, publish.

Nothing is written before the end, so a document that is cancelled, deleted or taken over on the way leaves no trace,
and indexing twice leaves one set of chunks. Who works on which document when is decided by `queue` and `work`.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from django.db import InterfaceError, OperationalError, connection

from ingestion import blobs, failures, queue
from ingestion.counting import sizes_of
from ingestion.exceptions import ParsingCancelled, UnreadableDocument
from ingestion.leases import Lease, NoLongerWanted
from ingestion.makes import differs_in_model_alone, make_of
from ingestion.models import TITLE_LENGTH, Chunk, Document, Run
from ingestion.parsed_texts import Reading
from ingestion.parsers import options_of, parser_pool
from ingestion.parsing.elements import PagesRead, Parsed
from ingestion.parsing.formats import ARCHIVES
from ingestion.parsing.options import Options
from ingestion.passwords import unseal
from ingestion.publishing import Edition, FurtherVectors, publish, publish_further_vectors
from ingestion.serving import go_over, serving_space
from ingestion.splitting import Piece, PlacedBox, embedding_text, split
from ingestion.terms import document_weights
from ingestion.unpacking import close, unpack
from ingestion.vectors import Vectors, embed, for_searches_until_then
from providers.exceptions import ProviderError, ProviderUnavailable
from web.exceptions import DiskFull

logger = logging.getLogger(__name__)

Stage, Outcome = Document.Stage, Run.Outcome
Details = Mapping[str, Any] | None
# Where each stage begins on the way from 0 to 1.
SPLITTING, EMBEDDING, INDEXING = 0.6, 0.65, 0.95


def index(document: Document, lease: Lease | None = None) -> None:
    """Index one claimed document. Whatever goes wrong ends in its row; nothing is raised."""
    lease = lease or Lease(document)
    try:
        _index(document, lease)
    except (NoLongerWanted, ParsingCancelled):
        outcome = Outcome.STOPPED if queue.give_back(document) else Outcome.CANCELLED
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
        _postpone(lease, failures.DISK_FULL if blobs.is_disk_full(exc) else failures.DATABASE_UNAVAILABLE)
    except Exception:  # The edge: one document's trouble must not end the worker.
        if _fail(lease, failures.INTERNAL):
            logger.exception("Document %s could not be indexed.", document.pk)


def _fail(lease: Lease, code: str, details: Details = None) -> bool:
    if not queue.fail(lease.document, code, details):
        return False
    lease.timeline.keep(Outcome.FAILED, code, details)
    return True


def _postpone(lease: Lease, code: str, details: Details = None, *, after: float | None = None) -> None:
    if queue.postpone(lease.document, code, details, after=after):
        given_up = lease.document.attempts >= queue.MAX_ATTEMPTS
        lease.timeline.keep(Outcome.FAILED if given_up else Outcome.POSTPONED, code, details)


def _index(document: Document, lease: Lease) -> None:
    blobs.keep_room(blobs.RESERVE // 2)
    if document.media_type in ARCHIVES:
        unpack(document, lease)
        return

    def tick() -> None:
        lease.report(Stage.INDEX, INDEXING)

    def lastly() -> None:
        if document.contents:
            close(document)
        lease.timeline.keep(Outcome.READY)

    if _keeps_its_chunks(document):
        further = _further_vectors(document, lease)
        lease.begin(Stage.INDEX, INDEXING)
        is_published = publish_further_vectors(document, further, tick=tick, lastly=lastly)
        is_changing = True
    else:
        edition = _edition(document, lease)
        lease.begin(Stage.INDEX, INDEXING, chunks=len(edition.pieces))
        is_published = publish(document, edition, tick=tick, lastly=lastly)
        is_changing = edition.serving not in (None, edition.vectors.space)
    if is_published and is_changing:
        go_over(document.workspace)


def _keeps_its_chunks(document: Document) -> bool:
    """Whether only vectors of another model are wanted, and that model reads the chunks whole."""
    of_this_version = document.chunk_count and document.stand_in is None
    if not of_this_version or not differs_in_model_alone(document.make, make_of(document.workspace)):
        return False
    texts = Chunk.objects.filter(document=document).values_list("text", flat=True)
    return sizes_of(document.workspace).hold(texts)


def _edition(document: Document, lease: Lease) -> Edition:
    title, pages, pieces = _read(document, lease)
    text_of = partial(searchable, title or document.stem)
    workspace = document.workspace
    texts = [text_of(piece) for piece in pieces]
    vectors = _embed(document, texts, lease)
    serving = serving_space(workspace)
    is_another = serving not in (None, vectors.space)
    also = for_searches_until_then(document, serving, texts, _ticking(lease)) if serving and is_another else None
    make = make_of(workspace, vectors.space.dimensions)
    weights = partial(document_weights, salt=workspace.pk.int)
    return Edition(title, pages, make, pieces, vectors, lambda piece: weights(text_of(piece)), serving, also)


def _further_vectors(document: Document, lease: Lease) -> FurtherVectors:
    """Embed the chunks that are there by another model; what they are found by is as it was."""
    rows = list(Chunk.objects.filter(document=document).defer("terms", "weights").order_by("position"))
    texts = [searchable(document.stem, _piece_of(chunk)) for chunk in rows]
    vectors = _embed(document, texts, lease)
    make = make_of(document.workspace, vectors.space.dimensions)
    return FurtherVectors(make, [chunk.pk for chunk in rows], vectors)


def searchable(title: str, piece: Piece) -> str:
    """Return the words that a piece is found by."""
    return embedding_text(title, piece.headings, piece.text)


def _piece_of(chunk: Chunk) -> Piece:
    """Return the piece that a chunk was made of."""
    boxes = tuple(PlacedBox(*box) for box in chunk.boxes)
    return Piece(chunk.text, tuple(chunk.headings), chunk.page_from, chunk.page_to, chunk.start, chunk.end, boxes)


def _embed(document: Document, texts: Sequence[str], lease: Lease) -> Vectors:
    model = document.workspace.setting("embedding_model")
    lease.begin(Stage.EMBED, EMBEDDING, chunks=len(texts), model=model)
    vectors = embed(document, texts, model, _ticking(lease))
    lease.timeline.count(known=vectors.known, without_vector=vectors.missing)
    return vectors


def _ticking(lease: Lease) -> Callable[[int, int], None]:
    def tick(done: int, total: int) -> None:
        share = done / max(total, 1)
        lease.report(Stage.EMBED, EMBEDDING + (INDEXING - EMBEDDING) * share, done, total)

    return tick


def _read(document: Document, lease: Lease) -> tuple[str, int | None, list[Piece]]:
    """Return title, pages and pieces. What was parsed goes with the end of this: a book takes room."""
    parsed = _parse(document, lease)
    lease.begin(Stage.SPLIT, SPLITTING)
    pieces = _split(document, parsed, tick=lambda: lease.report(Stage.SPLIT, SPLITTING))
    lease.timeline.count(chunks=len(pieces))
    return parsed.title[:TITLE_LENGTH], parsed.pages, pieces


def _parse(document: Document, lease: Lease) -> Parsed:
    lease.begin(Stage.PARSE, 0.0)
    options = options_of(document.workspace)
    reading = Reading.of(document, options) if document.sealed_password is None else None
    parsed = kept = reading.kept() if reading else None
    if parsed is None:
        parsed = _parsed_in_child(document, options, lease)
        if reading:
            reading.keep(parsed)
    lease.timeline.count(pages=parsed.pages, elements=len(parsed.elements), known=kept is not None)
    return parsed


def _parsed_in_child(document: Document, options: Options, lease: Lease) -> Parsed:
    def progress(share: float) -> None:
        pages = (share.page, share.pages) if isinstance(share, PagesRead) else (None, None)
        lease.note(Stage.PARSE, share * SPLITTING, *pages)

    return parser_pool().parse(
        blobs.path_of(document.blob_id),
        document.media_type,
        name=document.name,
        password=unseal(document.sealed_password),
        options=options,
        progress=progress,
        cancelled=lambda: lease.is_lost,
    )


def _split(document: Document, parsed: Parsed, tick: Callable[[], None]) -> list[Piece]:
    sizes = sizes_of(document.workspace)
    overlap = document.workspace.setting("chunk_overlap")
    return split(parsed.elements, chunk_tokens=sizes.chunk_tokens, overlap=overlap, count=sizes.count, tick=tick)
