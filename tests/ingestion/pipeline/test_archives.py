"""Unpacking archives into documents: members, failures, interruptions and deletion."""

import errno

import pytest
from support.archive_files import zipped
from support.archive_members import FOG, KEEPER, members, unpack
from support.document_calls import address, upload
from support.failing_call import failing

from ingestion.documents import archive_contents, services
from ingestion.documents.local_files import FileOnDisk
from ingestion.management.loading import Load
from ingestion.models import Blob, Chunk, Document
from ingestion.pipeline import archives as unpacking
from ingestion.pipeline.indexing import index
from ingestion.queue import claims
from ingestion.queue.leases import Lease
from ingestion.storage import blobs
from ingestion.worker.wait import wait_for
from web.exceptions import DiskFull
from workspaces.services import change_workspace

Status = Document.Status
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("pool")]


def test_each_file_in_an_archive_becomes_a_document(add_archive, editor, workspace):
    archive = add_archive({"a/report.txt": KEEPER, "tool.exe": b"MZ" + bytes(99), "../up.md": FOG})

    assert (archive.status, archive.chunk_count, archive.progress) == (Status.READY, 0, 1.0)
    assert list(members(archive)) == ["a/report.txt", "up.md"]
    assert {(one.status, one.added_by, one.workspace) for one in archive.members.all()} == {
        (Status.QUEUED, editor, workspace)
    }
    assert (
        archive_contents.summary(archive.contents)
        == "2 documents were extracted. 1 file was skipped."
    )
    (left_out,) = archive_contents.left_out(archive.contents)
    assert (left_out["name"], left_out["code"]) == ("tool.exe", "unsupported")


def test_members_of_an_archive_are_indexed(add_archive, workspace):
    archive = add_archive({"a/report.txt": KEEPER})
    index(claims.claim_next())

    (chunk,) = Chunk.objects.filter(workspace=workspace)
    assert chunk.document.archive == archive
    assert chunk.text == KEEPER.decode()


def test_a_damaged_archive_is_not_unpacked_and_its_documents_stay(add_archive):
    archive = add_archive({"keeper.md": KEEPER})
    blobs.path_of(archive.blob_id).write_bytes(zipped({"fog.md": FOG}))
    claims.requeue(Document.objects.filter(pk=archive.pk))

    assert unpack(archive).error_details["reason"] == "original"
    assert members(archive).keys() == {"keeper.md"}


def test_unpacking_twice_adds_each_member_once(add_archive):
    archive = add_archive({"a.txt": KEEPER, "b.txt": FOG})
    before = set(archive.members.values_list("pk", "version"))
    claims.requeue(Document.objects.filter(pk=archive.pk))

    unpack(archive)

    assert set(archive.members.values_list("pk", "version")) == before


def test_members_are_deleted_with_their_archive(add_archive, editor, workspace):
    archive = add_archive({"a.txt": KEEPER, "b.txt": FOG})
    index(claims.claim_next())

    services.delete_document(archive, by=editor)

    assert not Document.objects.filter(workspace=workspace).exists()
    assert not Chunk.objects.filter(workspace=workspace).exists()


def test_an_archive_without_readable_files_fails_with_a_reason(add_archive):
    archive = add_archive({"tool.exe": b"MZ" + bytes(99)})

    assert archive.status == Status.FAILED
    assert archive.error["code"] == "no_text"
    assert "No file in this archive could be read" in archive.error["message"]
    assert archive_contents.left_out(archive.contents)[0]["message"].startswith(
        "This file is a program"
    )


def test_an_empty_archive_fails_with_a_reason(add_archive):
    assert add_archive({".hidden": b"x"}).error["message"] == "This archive contains no documents."


def test_of_two_files_with_one_name_one_is_left_out(add_archive):
    archive = add_archive({"a.txt": KEEPER, "../a.txt": FOG})

    assert list(members(archive)) == ["a.txt"]
    assert archive_contents.left_out(archive.contents)[0]["code"] == "corrupt"


def test_an_archive_deleted_during_unpacking_leaves_no_rows(
    add_archive, workspace, editor, pool, given
):
    pool.before = lambda: services.delete_document(Document.objects.get(), by=editor)
    (outcome,) = services.add_documents(
        workspace=workspace, offers=[given("all.zip", zipped({"a.txt": FOG}))], by=None
    )
    index(claims.claim_next())

    assert not Document.objects.filter(workspace=workspace).exists()
    assert not Blob.objects.exclude(sha256=outcome.document.blob_id).exists()


def test_interrupted_unpacking_is_resumed(add_archive, workspace, given, monkeypatch):
    (outcome,) = services.add_documents(
        workspace=workspace,
        offers=[given("all.zip", zipped({"a.txt": FOG, "b.txt": KEEPER}))],
        by=None,
    )
    claimed = claims.claim_next()
    lease = Lease(claimed)
    taken = unpacking._add_member

    def taken_once(*args: object) -> None:
        taken(*args)
        lease._lost.set()

    monkeypatch.setattr(unpacking, "_add_member", taken_once)
    index(claimed, lease)
    monkeypatch.setattr(unpacking, "_add_member", taken)
    first = outcome.document.members.get().pk

    archive = unpack(outcome.document)

    assert list(members(archive)) == ["a.txt", "b.txt"]
    assert archive.members.get(name="a.txt").pk == first


def test_a_changed_setting_does_not_restore_deleted_members(add_archive, workspace, owner):
    archive = add_archive({"a.txt": KEEPER, "b.txt": FOG})
    archive.members.get(name="a.txt").delete()

    change_workspace(workspace, by=owner, chunk_tokens=200)
    services.requeue_outdated(workspace)

    archive.refresh_from_db()
    assert archive.status == Status.READY


def test_the_api_shows_the_contents_of_an_archive(add_archive, call, reader, workspace):
    archive = add_archive({"a.txt": KEEPER, "tool.exe": b"MZ" + bytes(99)})

    row = call(reader).get(address(workspace, archive)).json()
    inside = call(reader).get(address(workspace), {"archive": str(archive.pk)}).json()["results"]
    wrong = call(reader).get(address(workspace), {"archive": "x"})

    assert row["archive"] is None
    assert (row["contents"]["documents"], row["contents"]["left_out"]) == (1, 1)
    assert row["contents"]["named"][0]["name"] == "tool.exe"
    assert [(one["name"], one["archive"]) for one in inside] == [("a.txt", str(archive.pk))]
    assert wrong.status_code == 400


def test_an_upload_of_an_archive_is_accepted(call, editor, workspace):
    response = upload(call(editor), workspace, ("all.zip", zipped({"a.txt": FOG})))

    assert (response.status_code, response.json()["results"][0]["media_type"]) == (
        202,
        "application/zip",
    )


def test_pages_show_members_and_files_left_out(add_archive, browse, reader, workspace):
    archive = add_archive({"a/b.txt": KEEPER, "tool.exe": b"MZ" + bytes(99)})
    client, place = browse(reader), f"/w/{workspace.slug}/documents/"

    listed = client.get(place).content.decode()
    page = client.get(f"{place}{archive.pk}/").content.decode()
    member = client.get(f"{place}{archive.members.get().pk}/").content.decode()

    assert "1 document was extracted. 1 file was skipped." in listed
    assert all(words in page for words in ("tool.exe", "This file is a program", "a/b.txt"))
    assert f"{place}{archive.pk}/" in member


def test_waiting_for_an_archive_includes_its_members(add_archive, monkeypatch):
    archive, left = add_archive({"a.txt": KEEPER, "b.txt": FOG}), []
    monkeypatch.setattr("ingestion.worker.wait.POLL_SECONDS", 0)

    def seen(count: int) -> None:
        left.append(count)
        if count:
            index(claims.claim_next())

    monkeypatch.setattr("ingestion.worker.wait.last_heartbeat_age", lambda *_: 0.5)
    wait_for([archive.pk], seen=seen)

    assert left == [2, 1, 0]


def test_a_load_includes_the_members_of_its_archives(workspace, tmp_path):
    (tmp_path / "all.zip").write_bytes(zipped({"a.txt": KEEPER, "b.txt": FOG}))
    load = Load(workspace, 1, lambda _load: None)
    load.add([FileOnDisk(tmp_path / "all.zip")])

    while document := claims.claim_next():
        index(document)
        load.look(at_once=True)

    assert (load.total, load.finished, load.ready) == (3, 3, 3)
    assert [row["name"] for row in load.rows()] == ["all.zip", "a.txt", "b.txt"]


def test_a_load_adds_a_file_whose_bytes_are_only_in_an_archive(add_archive, workspace, tmp_path):
    add_archive({"a.txt": KEEPER})
    (tmp_path / "a.txt").write_bytes(KEEPER)

    load = Load(workspace, 1, lambda load: None)
    load.add([FileOnDisk(tmp_path / "a.txt")])
    assert load.here_already == 0
    assert Document.objects.filter(name="a.txt", archive=None).exists()


@pytest.mark.parametrize("trouble", [OSError(errno.ENOSPC, "No space left on device"), DiskFull()])
def test_a_full_disk_postpones_an_archive(add_archive, pool, trouble):
    pool.before = failing(trouble)

    archive = add_archive({"a.txt": KEEPER})

    assert (archive.status, archive.error_code) == (Status.QUEUED, "disk_full")


def test_free_space_is_checked_during_unpacking(add_archive, pool, monkeypatch):
    asked = []
    monkeypatch.setattr(blobs, "keep_room", asked.append)
    unpacks = pool.unpack
    pool.unpack = lambda *args, cancelled, **more: (
        cancelled() or unpacks(*args, cancelled=cancelled, **more)
    )

    add_archive({"a.txt": KEEPER})

    assert asked.count(blobs.RESERVED_BYTES // 2) == 2, (
        "before anything, and whenever it is asked whether to go on"
    )
