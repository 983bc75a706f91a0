"""From the bytes of a claimed document to the pieces that it will be found by: parse, or take what is kept, and split.

What becomes of the pieces is `indexing`'s business, what is done with trouble too.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ingestion.documents.passwords import unseal
from ingestion.models import TITLE_LENGTH, Document
from ingestion.parsing.options import Options
from ingestion.parsing.parsed import ParsedDocument
from ingestion.parsing.progress import PagesRead
from ingestion.pipeline import parse_servers
from ingestion.pipeline.chunk_sizes import sizes_of
from ingestion.pipeline.chunking import Piece, embedding_text, split
from ingestion.pipeline.parser_pool import options_of, parser_pool
from ingestion.queue.leases import Lease
from ingestion.storage.integrity import whole_original
from ingestion.storage.parse_cache import Reading
from providers.exceptions import ProviderError
from providers.models import Connection

Stage = Document.Stage
SPLITTING = 0.6  # Where splitting begins on the way from 0 to 1.


@dataclass(frozen=True, slots=True)
class Text:
    """What was read of the document that a lease is on."""

    lease: Lease
    title: str
    pages: int | None
    pieces: Sequence[Piece]
    repeated: Sequence[tuple[str, int]]

    @property
    def searchable(self) -> list[str]:
        """The words that each piece is found by."""
        title = self.title or self.lease.document.stem
        return [searchable(title, piece) for piece in self.pieces]


def read(lease: Lease, *, within: float = float("inf")) -> Text:
    """Read and split a document; raises `UnreadableDocument`, and what `Lease` raises.

    What takes longer to parse than `within` seconds is given up; raises `ParsingCancelled`. What was parsed goes with
    the end of this: a book takes room.
    """
    parsed = _parse(lease.document, lease, time.monotonic() + within)
    lease.begin(Stage.SPLIT, SPLITTING)
    pieces = _split(lease.document, parsed, tick=lambda: lease.report(Stage.SPLIT, SPLITTING))
    lease.timeline.count(chunks=len(pieces))
    return Text(lease, parsed.title[:TITLE_LENGTH], parsed.pages, pieces, parsed.repeated)


def searchable(title: str, piece: Piece) -> str:
    """Return the words that a piece is found by."""
    return embedding_text(title, piece.headings, piece.text)


def _parse(document: Document, lease: Lease, until: float) -> ParsedDocument:
    lease.begin(Stage.PARSE, 0.0)
    server = parse_servers.server_for(document)
    if server:
        try:
            parsed = _kept_or(lease, server.slug, lambda: _parsed_elsewhere(document, server, lease, until))
        except ProviderError as error:
            parse_servers.note(document, server, error)
        else:
            parse_servers.note(document, server)
            return parsed
    else:
        parse_servers.note(document, None)
    return _kept_or(lease, "", lambda: _parsed_in_child(document, options_of(document.workspace), lease, until))


def _kept_or(lease: Lease, server: str, parse: Callable[[], ParsedDocument]) -> ParsedDocument:
    """The text that is kept of this way of reading, else what `parse` returns, which is kept then."""
    document = lease.document
    options = replace(options_of(document.workspace), parse_server=server)
    reading = Reading.of(document, options) if document.sealed_password is None else None
    parsed = kept = reading.kept() if reading else None
    if parsed is None:
        parsed = parse()
        if reading:
            reading.keep(parsed)
    lease.timeline.count(pages=parsed.pages, elements=len(parsed.elements), known=kept is not None)
    return parsed


def _parsed_elsewhere(document: Document, server: Connection, lease: Lease, until: float) -> ParsedDocument:
    path = whole_original(document)
    return parse_servers.parsed(server, document, path, cancelled=lambda: lease.is_lost or time.monotonic() > until)


def _parsed_in_child(document: Document, options: Options, lease: Lease, until: float) -> ParsedDocument:
    def progress(share: float) -> None:
        pages = (share.page, share.pages) if isinstance(share, PagesRead) else (None, None)
        lease.note(Stage.PARSE, share * SPLITTING, *pages)

    return parser_pool().parse(
        whole_original(document),
        document.media_type,
        name=document.name,
        password=unseal(document.sealed_password),
        options=options,
        progress=progress,
        cancelled=lambda: lease.is_lost or time.monotonic() > until,
    )


def _split(document: Document, parsed: ParsedDocument, tick: Callable[[], None]) -> list[Piece]:
    sizes = sizes_of(document.workspace)
    overlap = document.workspace.setting("chunk_overlap")
    return split(parsed.elements, chunk_tokens=sizes.chunk_tokens, overlap=overlap, count=sizes.count, tick=tick)
