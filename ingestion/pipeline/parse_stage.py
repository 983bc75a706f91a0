"""The first two stages of indexing: parse the bytes, then split the elements into chunks.

Parsed documents come from the parse cache, a parse server, or a child process of this worker, in
this order. Errors are raised for `indexing`, which writes them to the document's row.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ingestion.documents.passwords import unseal
from ingestion.models import TITLE_LENGTH, Document
from ingestion.parsing.parsed import ParsedDocument
from ingestion.parsing.progress import PagesRead
from ingestion.pipeline import chunking, parse_servers
from ingestion.pipeline.chunk_sizes import sizes_of
from ingestion.pipeline.chunking import TextChunk, embedding_text
from ingestion.pipeline.parser_pool import options_of, parser_pool
from ingestion.queue.leases import Lease
from ingestion.storage.integrity import whole_original
from ingestion.storage.parse_cache import CachedParse
from providers.exceptions import ProviderError

Stage = Document.Stage
SPLIT_PROGRESS = 0.6  # Progress of a document, from 0 to 1, when splitting begins.


@dataclass(frozen=True, slots=True)
class SplitDocument:
    """A claimed document with its chunks, not embedded yet."""

    lease: Lease
    title: str
    pages: int | None
    chunks: Sequence[TextChunk]
    repeated: Sequence[tuple[str, int]]
    """Running headers and footers that were left out, each with its number of pages."""

    @property
    def document(self) -> Document:
        """The row that the lease is on."""
        return self.lease.document

    @property
    def embedding_texts(self) -> list[str]:
        """The text of each chunk under its title and headings, for embedding and search."""
        title = self.title or self.document.stem
        return [embedding_text(title, chunk.headings, chunk.text) for chunk in self.chunks]


def parse(lease: Lease, *, within: float = float("inf")) -> ParsedDocument:
    """Return the elements of a document, from its parse server if one is set and succeeds.

    Raises `UnreadableDocument`; `ParsingCancelled` after `within` seconds or when the lease is
    lost.
    """
    lease.begin(Stage.PARSE, 0.0)
    document, deadline = lease.document, time.monotonic() + within

    def is_over() -> bool:
        return lease.is_lost or time.monotonic() > deadline

    if server := parse_servers.server_for(document):
        try:
            parsed = _cached(
                lease,
                server.slug,
                lambda: parse_servers.parsed(
                    server, document, whole_original(document), cancelled=is_over
                ),
            )
        except ProviderError as error:
            parse_servers.note(document, server, error)
        else:
            parse_servers.note(document, server)
            return parsed
    else:
        parse_servers.note(document, None)
    return _cached(lease, "", lambda: _parse_in_child(lease, is_over))


def split(lease: Lease, parsed: ParsedDocument) -> SplitDocument:
    """Split the elements of a document into chunks of the workspace's size; raises `LeaseLost`."""
    lease.begin(Stage.SPLIT, SPLIT_PROGRESS)
    workspace = lease.document.workspace
    sizes = sizes_of(workspace)
    chunks = chunking.split(
        parsed.elements,
        chunk_tokens=sizes.chunk_tokens,
        overlap=workspace.setting("chunk_overlap"),
        count=sizes.count,
        tick=lambda: lease.report(Stage.SPLIT, SPLIT_PROGRESS),
    )
    lease.run.count(chunks=len(chunks))
    return SplitDocument(lease, parsed.title[:TITLE_LENGTH], parsed.pages, chunks, parsed.repeated)


def _cached(lease: Lease, server: str, parse: Callable[[], ParsedDocument]) -> ParsedDocument:
    """Return the cached result of this parser and these options, or cache the result of `parse`.

    Documents that a password opened are never cached.
    """
    document = lease.document
    options = replace(options_of(document.workspace), parse_server=server)
    cache = CachedParse.of(document, options) if document.sealed_password is None else None
    parsed = known = cache.load() if cache else None
    if parsed is None:
        parsed = parse()
        if cache:
            cache.save(parsed)
    lease.run.count(pages=parsed.pages, elements=len(parsed.elements), known=known is not None)
    return parsed


def _parse_in_child(lease: Lease, is_over: Callable[[], bool]) -> ParsedDocument:
    def progress(share: float) -> None:
        pages = (share.page, share.pages) if isinstance(share, PagesRead) else (None, None)
        lease.note(Stage.PARSE, share * SPLIT_PROGRESS, *pages)

    document = lease.document
    return parser_pool().parse(
        whole_original(document),
        document.media_type,
        name=document.name,
        password=unseal(document.sealed_password),
        options=options_of(document.workspace),
        progress=progress,
        cancelled=is_over,
    )
