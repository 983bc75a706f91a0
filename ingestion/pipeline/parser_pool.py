"""The pool of parsing processes, and the parsing options of a workspace.

The processes themselves are in `parsing.sandbox`.
"""

from functools import cache
from pathlib import Path

from django.conf import settings

from ingestion.parsing.options import Options
from ingestion.parsing.sandbox.pool import Limits, ParserPool
from workspaces.models import Workspace


@cache
def parser_pool() -> ParserPool:
    """Return the pool, with one parsing process per worker thread."""
    limits = Limits(
        seconds=settings.PARSER_SECONDS,
        memory_bytes=settings.PARSER_MEMORY_BYTES,
        written_bytes=settings.MAX_DOCUMENT_BYTES
        + 2**20,  # Members of an archive are written before they are stored.
    )
    # `blobs.purge_forgotten` deletes the files that a killed process leaves here.
    temporary = Path(settings.FILE_UPLOAD_TEMP_DIR)
    temporary.mkdir(parents=True, exist_ok=True)
    return ParserPool(size=settings.WORKER_THREADS, limits=limits, temporary=temporary)


def options_of(workspace: Workspace) -> Options:
    """Return the parsing options of `workspace`."""
    return Options(
        ocr=workspace.setting("ocr"),
        max_pages=settings.PARSER_MAX_PAGES,
        max_cells=settings.PARSER_MAX_CELLS,
        max_tags=settings.PARSER_MAX_TAGS,
        max_pictures=settings.PARSER_MAX_PICTURES,
        max_members=settings.MAX_ARCHIVE_DOCUMENTS,
        max_nesting=settings.MAX_ARCHIVE_NESTING,
        max_member_bytes=settings.MAX_DOCUMENT_BYTES,
        max_unpacked_bytes=settings.MAX_ARCHIVE_BYTES,
    )
