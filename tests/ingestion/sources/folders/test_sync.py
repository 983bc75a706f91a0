"""A watched folder: added, changed, moved and deleted files are followed in the workspace."""

import os
from contextlib import closing
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from support.document_calls import upload
from support.watched_share import error, look, rest, write

from ingestion.documents.services import add_documents, delete_document, rename_document
from ingestion.models import Document
from ingestion.models.sources import WatchedFile, WatchedFolder
from ingestion.sources.folders import sync
from ingestion.sources.folders.services import connect_folder, disconnect_folder, due
from web.exceptions import DiskFull
from web.locks import JobLock
from workspaces.models import Membership

pytestmark = pytest.mark.django_db


def test_files_become_documents_with_their_folders_in_the_name(folder):
    documents = look(folder)

    assert set(documents) == {"share/one.txt", "share/inner/two.txt"}
    assert {document.status for document in documents.values()} == {"ready"}
    assert error(folder) == ""
    assert folder.scanned is not None
    assert folder.due > timezone.now()


def test_a_second_scan_reads_no_unchanged_file(folder, monkeypatch):
    look(folder)
    monkeypatch.setattr(sync, "_received", lambda *_: pytest.fail("read again"))

    assert len(look(folder)) == 2


def test_a_touched_file_gets_no_new_version(folder, share):
    before = look(folder)
    rest(share / "one.txt", age=60)

    after = look(folder)

    assert {d.pk: d.version for d in after.values()} == {d.pk: d.version for d in before.values()}


def test_a_changed_file_is_a_new_version(folder, share):
    before = look(folder)["share/one.txt"]
    write(share / "one.txt", "Thrust is what engines make.", age=60)

    after = look(folder)["share/one.txt"]

    assert (after.pk, after.version) == (before.pk, 2)
    assert WatchedFile.objects.get(path="one.txt").document_id == after.pk


def test_a_moved_file_is_renamed_and_not_added(folder, share):
    before = look(folder)["share/one.txt"]
    (share / "new").mkdir()
    (share / "one.txt").rename(share / "new" / "uno.txt")

    documents = look(folder)

    assert set(documents) == {"share/new/uno.txt", "share/inner/two.txt"}
    assert documents["share/new/uno.txt"].pk == before.pk
    assert documents["share/new/uno.txt"].version == 1
    assert WatchedFile.objects.filter(missing_since=None).count() == 2


def test_a_file_moved_onto_an_existing_name_stops_no_other(folder, place, share, given):
    before = look(folder)["share/one.txt"]
    offer = given("share/uno.txt", b"Lift is what wings make.")
    (added,) = add_documents(workspace=place, offers=[offer], by=None)
    (share / "one.txt").rename(share / "uno.txt")
    write(share / "zwei.txt", "Thrust is what engines make.")

    documents = look(folder)

    assert documents["share/one.txt"].pk == before.pk
    assert documents["share/uno.txt"].pk == added.document.pk
    assert "share/zwei.txt" in documents


def test_the_document_of_a_missing_file_is_deleted_after_the_grace_period(folder, share, settings):
    look(folder)
    (share / "one.txt").unlink()
    assert "share/one.txt" in look(folder)

    WatchedFile.objects.filter(path="one.txt").update(
        missing_since=timezone.now() - timedelta(hours=23)
    )
    assert "share/one.txt" in look(folder)

    WatchedFile.objects.filter(path="one.txt").update(
        missing_since=timezone.now() - timedelta(hours=25)
    )
    assert set(look(folder)) == {"share/inner/two.txt"}
    assert WatchedFile.objects.count() == 1


def test_a_file_that_returns_in_time_is_not_missing(folder, share):
    look(folder)
    content = (share / "one.txt").read_bytes()
    modified = (share / "one.txt").stat().st_mtime_ns
    (share / "one.txt").unlink()
    look(folder)
    (share / "one.txt").write_bytes(content)
    os.utime(share / "one.txt", ns=(modified, modified))

    look(folder)

    assert WatchedFile.objects.get(path="one.txt").missing_since is None


def expire() -> None:
    WatchedFile.objects.update(missing_since=timezone.now() - timedelta(days=30))


def test_an_unmounted_share_deletes_no_document(folder, share):
    look(folder)
    share.rename(share.with_name("away"))
    expire()

    assert len(look(folder)) == 2
    assert error(folder) == "folder_missing"

    share.with_name("away").rename(share)
    look(folder)
    assert error(folder) == ""
    assert not WatchedFile.objects.exclude(missing_since=None).exists()


def test_a_suddenly_empty_share_deletes_no_document(folder, share):
    look(folder)
    share.rename(share.with_name("away"))
    share.mkdir()
    expire()

    assert len(look(folder)) == 2
    assert error(folder) == "folder_empty"


def test_no_document_is_deleted_while_a_part_is_unreadable(folder, share, monkeypatch):
    look(folder)
    expire()
    walk = os.fwalk

    def in_part(*args, onerror, **kwargs):
        onerror(PermissionError(13, "denied"))
        for place, folders, names, descriptor in walk(*args, onerror=onerror, **kwargs):
            folders.clear()
            yield place, folders, names[:1], descriptor

    monkeypatch.setattr(os, "fwalk", in_part)

    assert len(look(folder)) == 2
    assert error(folder) == "folder_in_part"


def test_a_root_that_is_no_longer_allowed_is_not_scanned(folder, share, settings):
    look(folder)
    write(share / "three.txt", "new")
    settings.WATCH_ROOTS = ()

    assert len(look(folder)) == 2
    assert error(folder) == "folder_not_allowed"


def test_a_file_that_is_being_written_waits(folder, share):
    write(share / "three.txt", "half of", age=1)
    assert len(look(folder)) == 2

    write(share / "three.txt", "half of it and the rest", age=60)
    assert len(look(folder)) == 3


def test_a_file_that_changes_during_the_read_waits(folder, share, monkeypatch, data_dir):
    look(folder)
    write(share / "three.txt", "half of it")
    monkeypatch.setattr(sync, "is_as_found", lambda *_: False)
    assert len(look(folder)) == 2
    assert not [path for path in (data_dir / "tmp").iterdir() if path.name.startswith("incoming")]

    monkeypatch.undo()
    assert len(look(folder)) == 3


def test_a_file_that_becomes_no_document_has_the_reason(folder, share, settings):
    (share / "program.txt").write_bytes(b"\x7fELF" + bytes(60))
    rest(share / "program.txt")
    settings.MAX_DOCUMENT_BYTES = 1000
    write(share / "large.txt", "x" * 1001)

    look(folder)

    codes = dict(WatchedFile.objects.exclude(error_code="").values_list("path", "error_code"))
    assert codes == {"program.txt": "unsupported", "large.txt": "file_too_large"}
    assert all(
        file.error["message"].endswith(".") for file in WatchedFile.objects.exclude(error_code="")
    )


def test_an_unreadable_file_is_tried_at_every_scan(folder, share, monkeypatch):
    write(share / "three.txt", "hard to read")
    received = sync._received

    def denied(descriptor, found):
        if found.key == "three.txt":
            raise PermissionError(13, "Permission denied")
        return received(descriptor, found)

    monkeypatch.setattr(sync, "_received", denied)
    look(folder)
    assert "Permission denied" in WatchedFile.objects.get(path="three.txt").error["message"]
    monkeypatch.undo()

    assert "share/three.txt" in look(folder)
    assert WatchedFile.objects.get(path="three.txt").error is None


def test_a_full_disk_ends_the_scan_without_file_errors(folder, monkeypatch):
    monkeypatch.setattr(sync.blobs, "receive", lambda _: (_ for _ in ()).throw(DiskFull()))

    look(folder)

    assert error(folder) == "disk_full"
    assert not WatchedFile.objects.exists()


def test_a_document_deleted_by_a_user_stays_deleted(folder, share):
    delete_document(look(folder)["share/one.txt"], by=None)

    assert set(look(folder)) == {"share/inner/two.txt"}

    write(share / "one.txt", "But now it is another one.", age=60)
    assert "share/one.txt" in look(folder)


def test_a_document_renamed_by_a_user_is_still_followed(folder, share):
    renamed = rename_document(look(folder)["share/one.txt"], name="wings.txt")
    write(share / "one.txt", "Thrust is what engines make.", age=60)

    documents = look(folder)

    assert set(documents) == {"wings.txt", "share/inner/two.txt"}
    assert documents["wings.txt"].pk == renamed.pk


def test_a_document_added_by_a_user_stays_when_the_file_is_deleted(place, share, call, owner):
    write(share / "one.txt", "Lift is what wings make.")
    write(share / "two.txt", "And this stays here.")
    Membership.objects.create(workspace=place, user=owner, role="owner")
    row = upload(call(owner), place, ("one.txt", b"Lift is what wings make.")).json()["results"][0]
    rename_document(Document.objects.get(pk=row["id"]), name="share/one.txt")
    folder = connect_folder(workspace=place, path=str(share), by=owner)
    look(folder)
    (share / "one.txt").unlink()
    look(folder)
    expire()

    assert "share/one.txt" in look(folder)


def test_a_document_with_a_newer_upload_stays_when_the_file_is_deleted(folder, place, share, given):
    look(folder)
    add_documents(
        workspace=place, offers=[given("share/one.txt", b"Lift grows with the speed.")], by=None
    )
    (share / "one.txt").unlink()
    look(folder)
    expire()

    assert look(folder)["share/one.txt"].version == 2


def test_a_large_folder_is_scanned_in_several_runs(folder, share, monkeypatch):
    for number in range(5):
        write(share / f"{number}.txt", f"document {number}")
    monkeypatch.setattr(sync, "SCAN_SECONDS", -1.0)
    sync.look_through(WatchedFolder.objects.get(pk=folder.pk))
    folder.refresh_from_db()
    assert folder.due <= timezone.now()
    assert due().exists()
    monkeypatch.undo()

    assert sync.follow_due() == 1
    assert Document.objects.count() == 7


def test_only_one_process_scans_a_folder(folder):
    with closing(connection.copy()) as other:
        other.cursor().execute(
            "SELECT pg_advisory_lock(%s)", [JobLock.WATCHED_FOLDER | folder.pk.int & 0xFFFFFFFF]
        )
        sync.look_through(WatchedFolder.objects.get(pk=folder.pk))

    assert not Document.objects.exists()


def test_disconnecting_keeps_the_documents_unless_asked_to_delete(folder, place, share):
    look(folder)

    disconnect_folder(folder, by=None)
    assert Document.objects.count() == 2
    assert not WatchedFile.objects.exists()

    again = connect_folder(workspace=place, path=str(share), by=None)
    write(share / "three.txt", "third")
    look(again)
    disconnect_folder(again, by=None, delete_documents=True)
    assert Document.objects.count() == 2
