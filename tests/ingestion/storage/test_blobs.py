import hashlib
import os
import threading
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.utils import timezone
from support.factories import make_document, make_workspace

from ingestion.models import Blob
from ingestion.storage import blobs
from web.exceptions import DiskFull


def keep(content: bytes) -> Blob:
    with transaction.atomic():
        blob, _is_new = blobs.keep(blobs.receive([content]))
        return blob


def test_bytes_lie_under_their_digest(db, data_dir):
    blob = keep(b"hello")

    assert blob.sha256 == hashlib.sha256(b"hello").hexdigest()
    assert blobs.path_of(blob.sha256).read_bytes() == b"hello"
    assert blobs.path_of(blob.sha256).relative_to(data_dir / "blobs").parts[:2] == ("2c", "f2")
    assert list((data_dir / "tmp").iterdir()) == []


def test_the_same_bytes_are_kept_once(db, data_dir):
    keep(b"hello")
    keep(b"hello")

    assert Blob.objects.count() == 1
    assert list((data_dir / "tmp").iterdir()) == []


def test_a_lost_file_is_restored_by_an_upload_of_the_same_bytes(db):
    blob = keep(b"hello")
    blobs.path_of(blob.sha256).unlink()

    keep(b"hello")

    assert blobs.path_of(blob.sha256).read_bytes() == b"hello"


def test_an_upload_over_the_size_limit_leaves_no_file(data_dir, settings):
    settings.MAX_DOCUMENT_BYTES = 10

    with pytest.raises(blobs.TooLarge):
        blobs.receive([b"12345678", b"12345678"])

    assert list((data_dir / "tmp").iterdir()) == []


@pytest.mark.parametrize(
    "size", [10, 10_000_000], ids=["when it is flushed", "while it is written"]
)
def test_a_full_disk_raises_one_sentence_and_leaves_no_file(data_dir, monkeypatch, size):
    full_disk = data_dir / "tmp" / "incoming-full"
    full_disk.symlink_to("/dev/full")
    monkeypatch.setattr(
        blobs, "mkstemp", lambda **_: (os.open(full_disk, os.O_WRONLY), str(full_disk))
    )

    with pytest.raises(DiskFull) as caught:
        blobs.receive([b"x" * size])

    assert (caught.value.code, caught.value.status) == ("disk_full", 507)
    assert list((data_dir / "tmp").iterdir()) == []


def test_documents_leave_the_reserved_space_free(data_dir, monkeypatch):
    monkeypatch.setattr(
        blobs.shutil, "disk_usage", lambda _: SimpleNamespace(free=blobs.RESERVED_BYTES - 1)
    )

    with pytest.raises(DiskFull):
        blobs.receive([b"hello"])

    assert list((data_dir / "tmp").iterdir()) == []


def test_bytes_without_a_document_are_purged(db):
    workspace = make_workspace()
    document = make_document(workspace, text="kept")
    lonely = keep(b"lonely")
    Blob.objects.update(created=timezone.now() - timedelta(days=1))

    assert blobs.purge_unused() == 1

    assert [blob.pk for blob in Blob.objects.all()] == [document.blob_id]
    assert blobs.path_of(document.blob_id).exists()
    assert not blobs.path_of(lonely.sha256).exists()


def test_new_bytes_are_not_purged(db):
    keep(b"a moment before its document")

    assert blobs.purge_unused() == 0


def test_files_left_by_a_crash_are_deleted_after_a_day(db, data_dir):
    kept = keep(b"kept")
    orphan = blobs.path_of("ab" * 32)
    orphan.parent.mkdir(parents=True)
    half, fresh = data_dir / "tmp" / "incoming-half", data_dir / "tmp" / "incoming-fresh"
    for path in (orphan, half, fresh):
        path.write_bytes(b"x")
    for path in (orphan, half, blobs.path_of(kept.sha256)):
        os.utime(path, (time.time() - 2 * 86400,) * 2)

    assert blobs.purge_forgotten() == 2

    assert not orphan.exists()
    assert not half.exists()
    assert fresh.exists()
    assert blobs.path_of(kept.sha256).exists()


@pytest.mark.parametrize("name", ["unpacking-1", "office-1", "attachment-1"])
def test_folders_that_a_crash_left_are_deleted_after_a_day(db, data_dir, name):
    old, fresh = data_dir / "tmp" / name, data_dir / "tmp" / f"{name}-fresh"
    for folder in (old, fresh):
        (folder / "below").mkdir(parents=True)
        (folder / "below" / "1").write_bytes(b"x")
    os.utime(old, (0, 0))

    assert blobs.purge_forgotten() == 1

    assert list((data_dir / "tmp").iterdir()) == [fresh]


@pytest.mark.django_db(transaction=True)
def test_purging_waits_for_an_upload_of_the_same_bytes():
    workspace = make_workspace()
    blob = keep(b"wanted again")
    Blob.objects.update(created=timezone.now() - timedelta(days=1))
    purged: list[int] = []

    def purge() -> None:
        purged.append(blobs.purge_unused())
        connection.close()

    with transaction.atomic():
        blobs.keep(blobs.receive([b"wanted again"]))
        purging = threading.Thread(target=purge)
        purging.start()
        time.sleep(0.2)
        assert purging.is_alive()
        make_document(workspace, text="wanted again")
    purging.join(5)

    assert purged == [0]
    assert blobs.path_of(blob.sha256).exists()
