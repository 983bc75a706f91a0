"""Downloads of originals, byte for byte, with headers that keep a document's scripts from running.

Callers have checked permission; the stream checks it again while bytes are sent.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.core.handlers.asgi import ASGIRequest
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header, parse_etags

from accounts.access_watch import caller_of, watch
from accounts.models import User
from ingestion.models import Document, Version
from ingestion.storage import blobs

BLOCK_BYTES = 256 * 1024
INLINE_MEDIA_TYPES = {"application/pdf", "text/plain"}
RANGE_PATTERN = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
# The PDF viewer of a browser does not start in a sandbox, and runs no script of the page.
PDF_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
)
CONTENT_SECURITY_POLICY = "sandbox; default-src 'none'; frame-ancestors 'self'"


def original(request: HttpRequest, document: Document | Version) -> HttpResponseBase:
    """Return the bytes of `document`, or the requested range of them; raises `Http404`."""
    path, size, tag = blobs.path_of(document.blob_id), document.blob.size, f'"{document.blob_id}"'
    if not blobs.has_size(document.blob):  # The file is lost or truncated.
        raise Http404
    if tag in parse_etags(request.headers.get("If-None-Match", "")):
        response: HttpResponseBase = HttpResponseNotModified()
    else:
        whole_document = document.document_id if isinstance(document, Version) else document.pk
        response = _with_bytes(request, path, size, _asked(request, size, tag), whole_document)
    return _with_headers(response, document, tag)


def _with_bytes(
    request: HttpRequest, path: Path, size: int, asked: range | None, document: UUID
) -> HttpResponseBase:
    if asked is None:
        return _streamed(request, path, range(size), document, status=200)
    if not asked:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    response = _streamed(request, path, asked, document, status=206)
    response.headers["Content-Range"] = f"bytes {asked.start}-{asked.stop - 1}/{size}"
    return response


def _with_headers(
    response: HttpResponseBase, document: Document | Version, tag: str
) -> HttpResponseBase:
    shown = document.media_type in INLINE_MEDIA_TYPES
    without_folders = document.name.rpartition("/")[2]
    disposition = content_disposition_header(as_attachment=not shown, filename=without_folders)
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Disposition": disposition or "attachment",
        "Content-Security-Policy": PDF_CONTENT_SECURITY_POLICY
        if document.media_type == "application/pdf"
        else CONTENT_SECURITY_POLICY,
        "Content-Type": document.media_type or "application/octet-stream",
        "ETag": tag,
        "X-Content-Type-Options": "nosniff",
    }
    for name, value in headers.items():
        response.headers[name] = value
    return response


def _asked(request: HttpRequest, size: int, tag: str) -> range | None:
    """Return the requested range, an empty one if it cannot be satisfied, None for the whole."""
    match = RANGE_PATTERN.fullmatch(request.headers.get("Range", ""))
    if match is None or request.headers.get("If-Range", tag) != tag:
        return None
    first, last = match.groups()
    if first:
        return range(int(first), min(int(last) + 1, size) if last else size)
    return range(max(0, size - int(last)), size) if last else None


def _streamed(
    request: HttpRequest, path: Path, part: range, document: UUID, *, status: int
) -> HttpResponseBase:
    headers = {"Content-Length": str(len(part))}
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers)
    # Under ASGI, Django reads a synchronous iterator to its end before it sends the first byte.
    is_asynchronous = isinstance(request, ASGIRequest)
    blocks = (
        _blocks_while_visible(request, path, part, document)
        if is_asynchronous
        else _blocks(path, part)
    )
    return StreamingHttpResponse(blocks, status=status, headers=headers)


def _blocks(path: Path, part: range) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(part.start)
        left = len(part)
        while left > 0 and (block := file.read(min(BLOCK_BYTES, left))):
            left -= len(block)
            yield block


async def _blocks_while_visible(
    request: HttpRequest, path: Path, part: range, document: UUID
) -> AsyncIterator[bytes]:
    """Yield the bytes in blocks; closes the connection once the reader loses access."""

    def may_read(user: User | AnonymousUser) -> bool:
        return Document.objects.visible_to(user).filter(pk=document).exists()

    blocks = _blocks(path, part)
    watching = watch(caller_of(request), may_read)
    try:
        while block := await asyncio.to_thread(next, blocks, b""):
            if watching.done():
                # Django handles it as a lost connection, so the server closes this one.
                raise asyncio.CancelledError
            yield block
    finally:
        watching.cancel()
