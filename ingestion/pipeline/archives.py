"""Unpacks a claimed archive into documents, its members, and queues them.

Each member is added in a transaction, as an upload is. After a crash the next try skips the members
that are present.

A new version of an archive replaces members one by one, since replacing all at once would need
space for two sets. An archive that cannot be unpacked changes nothing. Otherwise a member with the
same bytes stays, one with other bytes becomes a new version of its document, and new members are
added. Members that the new version lacks are deleted last, in one transaction.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.db import transaction

from ingestion.documents import versions
from ingestion.documents.archive_contents import remembered
from ingestion.errors.exceptions import CORRUPT, EMPTY, NO_TEXT, UnreadableDocument
from ingestion.file_names import clean_path
from ingestion.index.fingerprint import make_of
from ingestion.index.removal import delete_from_index, delete_members
from ingestion.models import Document, Run
from ingestion.parsing.archives.unpack import Unpacked
from ingestion.pipeline.parser_pool import options_of, parser_pool
from ingestion.queue import claims
from ingestion.queue.leases import Lease, LeaseLost
from ingestion.queue.wakeup import wake_workers
from ingestion.storage import blobs
from ingestion.storage.integrity import whole_original

ADD_PROGRESS = 0.6  # Progress, from 0 to 1, when adding the members begins.


def unpack(document: Document, lease: Lease) -> None:
    """Unpack an archive and queue its members.

    Raises `UnreadableDocument` without any, `DiskFull`, `LeaseLost`.
    """
    lease.begin(Document.Stage.PARSE, 0.0)
    with TemporaryDirectory(prefix="unpacking-", dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        unpacked = _unpacked(document, Path(folder), lease)
        names = _add_members(document, Path(folder), unpacked, lease)
    contents = remembered(len(names), unpacked)
    if not names:
        claims.held(document).update(contents=contents)
        raise UnreadableDocument(
            *((NO_TEXT, "archive") if unpacked.left_out_count else (EMPTY, "archive"))
        )
    _finish(document, names, contents, lease)


def _unpacked(document: Document, folder: Path, lease: Lease) -> Unpacked:
    def is_over() -> bool:
        blobs.keep_room(blobs.RESERVED_BYTES // 2)
        return lease.is_lost

    with blobs.telling_a_full_disk():
        return parser_pool().unpack(
            whole_original(document),
            document.media_type,
            name=document.name,
            folder=folder,
            options=options_of(document.workspace),
            progress=lambda share: lease.note(Document.Stage.PARSE, share * ADD_PROGRESS),
            cancelled=is_over,
        )


def _add_members(document: Document, folder: Path, unpacked: Unpacked, lease: Lease) -> set[str]:
    """Add each member as a document or a new version; return their names."""
    names: set[str] = set()
    lease.begin(Document.Stage.INDEX, ADD_PROGRESS, documents=len(unpacked.members))
    for number, member in enumerate(unpacked.members):
        lease.report(
            Document.Stage.INDEX, ADD_PROGRESS + (1 - ADD_PROGRESS) * number / len(unpacked.members)
        )
        name = clean_path(member.name)
        if name in names:
            unpacked.leave_out(member.name, CORRUPT, "twice")
            continue
        names.add(name)
        received = blobs.receive(blobs.blocks_of(folder / member.file))
        try:
            _add_member(document, name, member.media_type, received)
        finally:
            received.discard()
        (folder / member.file).unlink()
        if number == 0:
            wake_workers()
    return names


@transaction.atomic
def _add_member(archive: Document, name: str, media_type: str, received: blobs.Received) -> None:
    _hold(archive)
    here = Document.objects.filter(archive=archive, name=name).first()
    if here is not None and here.blob_id == received.sha256:
        return
    blob, _is_new = blobs.keep(received)
    if here is None or not versions.add(
        here, blob=blob, media_type=media_type, by=archive.added_by
    ):
        Document.objects.create(
            workspace=archive.workspace,
            archive=archive,
            blob=blob,
            name=name,
            media_type=media_type,
            added_by=archive.added_by,
        )


def _hold(archive: Document) -> None:
    """Lock the archive's row against deletion and takeover until the transaction ends.

    Raises `LeaseLost`.
    """
    if not claims.held(archive).select_for_update(no_key=True).exists():
        raise LeaseLost


@transaction.atomic
def _finish(archive: Document, names: set[str], contents: dict[str, Any], lease: Lease) -> None:
    _hold(archive)
    delete_members(Document.objects.filter(archive=archive).exclude(name__in=names))
    if archive.chunk_count:  # The version before was not an archive.
        versions.set_aside(archive)
        delete_from_index(archive)
    claims.mark_ready(
        archive,
        contents=contents,
        make=make_of(archive.workspace),
        chunk_count=0,
        pages=None,
        stand_in=None,
    )
    lease.run.save(Run.Outcome.READY)
    transaction.on_commit(wake_workers)


def close(document: Document) -> None:
    """Delete the members of a former archive, in the transaction that publishes the document."""
    delete_members(Document.objects.filter(archive=document))
    Document.objects.filter(pk=document.pk).update(contents=None)
