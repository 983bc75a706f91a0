"""Elements of documents in the JSON format of Unstructured: `elements_of(document)`.

`parsing.exchange.elements_json` converts the rows.
"""

from dataclasses import replace
from threading import BoundedSemaphore
from typing import Final

from django.utils.translation import gettext as _

from ingestion.documents import versions
from ingestion.errors.exceptions import UnreadableDocument
from ingestion.models import Document
from ingestion.parsing.exchange.elements_json import Json, as_json
from ingestion.parsing.parsed import ParsedDocument
from ingestion.pipeline.parser_pool import options_of, parser_pool
from ingestion.storage import blobs
from ingestion.storage.parse_cache import CachedParse
from web.exceptions import Refusal

_parsing: Final = BoundedSemaphore(1)


def elements_of(document: Document) -> list[Json]:
    """Return the elements of the serving version of `document`; an empty list without one.

    Raises `Refusal` if the parsed document is not cached and cannot be parsed again now.
    """
    if document.serving is None:
        return []
    serving = versions.version_of(document, document.serving)
    options = options_of(document.workspace)
    reading = CachedParse(
        document.workspace_id, serving.blob_id, serving.media_type, document.name, options
    )
    server = (document.parsed_by or {}).get("slug", "")
    elsewhere = replace(reading, options=replace(options, parse_server=server))
    parsed = elsewhere.load() or reading.load() or _read_again(reading)
    return list(as_json(parsed.elements, document.name, serving.media_type))


def _read_again(reading: CachedParse) -> ParsedDocument:
    if not _parsing.acquire(blocking=False):
        message = _("The server is busy with another document; try again in a minute.")
        raise Refusal(message, code="busy", status=503)
    try:
        path = blobs.path_of(reading.blob)
        parsed = parser_pool().parse(
            path, reading.media_type, name=reading.name, options=reading.options
        )
    except UnreadableDocument as exc:
        raise Refusal(exc.message, code=exc.code, status=409) from exc
    finally:
        _parsing.release()
    reading.save(parsed)
    return parsed
