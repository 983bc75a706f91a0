"""New versions of archives: changed members, withdrawn versions, and changes between text and archive."""

import pytest
from support.archive_members import FOG, KEEPER, members, unpack

from ingestion.documents import services, versions
from ingestion.models import Chunk, Document
from ingestion.pipeline import archives as unpacking
from ingestion.pipeline.indexing import index
from ingestion.queue import claims
from ingestion.worker import loop
from web.exceptions import DiskFull

Status = Document.Status
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("pool")]


def test_a_new_version_of_an_archive_replaces_changed_members_only(add_archive):
    archive = add_archive({"same.txt": KEEPER, "changed.txt": FOG, "gone.txt": FOG})
    kept = dict(archive.members.values_list("name", "pk"))

    again = add_archive({"same.txt": KEEPER, "changed.txt": b"Silence.", "new.txt": b"New."})

    assert again == archive
    now = {one.name: one for one in archive.members.all()}
    assert {name: one.version for name, one in now.items()} == {
        "same.txt": 1,
        "changed.txt": 2,
        "new.txt": 1,
    }
    assert (now["same.txt"].pk, now["changed.txt"].pk) == (kept["same.txt"], kept["changed.txt"])


def test_a_half_added_version_of_an_archive_has_each_member_old_or_new(add_archive, monkeypatch):
    add_archive({"same.txt": KEEPER, "changed.txt": FOG, "gone.txt": KEEPER})
    loop.index_waiting()
    take_in = unpacking._add_member

    def but_the_last(archive: Document, name: str, *more: object) -> None:
        if name == "same.txt":
            raise DiskFull
        take_in(archive, name, *more)

    monkeypatch.setattr(unpacking, "_add_member", but_the_last)
    archive = add_archive({"changed.txt": b"Silence.", "new.txt": b"New.", "same.txt": KEEPER})

    assert (archive.status, archive.error_code) == (Status.QUEUED, "disk_full")
    texts = dict(Chunk.objects.values_list("document__name", "text"))
    assert texts == {
        "same.txt": KEEPER.decode(),
        "gone.txt": KEEPER.decode(),
        "changed.txt": FOG.decode(),
    }

    monkeypatch.setattr(unpacking, "_add_member", take_in)
    loop.index_waiting()
    assert Chunk.objects.get(document__name="changed.txt").text == "Silence."


def test_an_unreadable_version_of_an_archive_keeps_the_members(add_archive):
    before = members(add_archive({"a.txt": KEEPER, "b.txt": FOG}))

    archive = add_archive({"tool.exe": b"MZ" + bytes(99)})

    assert (archive.status, archive.version) == (Status.FAILED, 2)
    assert members(archive) == before


def test_a_text_that_becomes_an_archive_loses_its_chunks(add_archive, workspace, editor, given):
    (added,) = services.add_documents(
        workspace=workspace, offers=[given("all.zip", FOG)], by=editor
    )
    index(claims.claim_next())
    assert added.document.chunks.exists()

    archive = add_archive({"a.txt": KEEPER})

    assert archive == added.document
    assert (archive.status, archive.chunk_count, archive.version) == (Status.READY, 0, 2)
    assert not archive.chunks.exists()
    assert archive.versions.get(number=1).chunks.get().text == FOG.decode()


@pytest.mark.parametrize(
    "give_up", [services.cancel_document, lambda document: versions.delete(document, 2, by=None)]
)
def test_a_withdrawn_version_of_an_archive_restores_the_members(add_archive, monkeypatch, give_up):
    archive = add_archive({"same.txt": KEEPER, "changed.txt": FOG, "gone.txt": FOG})
    before = members(archive)
    begun = unpacking._add_member

    def take_in_and_give_up(*args: object) -> None:
        begun(*args)
        give_up(archive)

    with monkeypatch.context() as patched:
        patched.setattr(unpacking, "_add_member", take_in_and_give_up)
        add_archive({"changed.txt": b"Silence.", "new.txt": b"New."})
    unpack(archive)

    assert (archive.status, archive.version) == (Status.READY, 1)
    assert members(archive) == before


def test_an_archive_that_becomes_a_text_loses_its_members(add_archive, workspace, editor, given):
    archive = add_archive({"a.txt": KEEPER})

    services.add_documents(workspace=workspace, offers=[given("all.zip", FOG)], by=editor)
    unpack(archive)

    assert (archive.status, archive.contents) == (Status.READY, None)
    assert not archive.members.exists()
    assert archive.chunks.get().text == FOG.decode()


def test_a_document_with_the_name_of_a_member_is_unchanged(add_archive, workspace, editor, given):
    (other,) = services.add_documents(workspace=workspace, offers=[given("a.txt", FOG)], by=editor)

    archive = add_archive({"a.txt": KEEPER})

    other.document.refresh_from_db()
    assert (other.document.version, other.document.archive) == (1, None)
    assert archive.members.get().name == "a.txt"


def test_an_upload_is_no_version_of_a_member_of_the_same_name(
    add_archive, workspace, editor, given
):
    archive = add_archive({"a.txt": KEEPER})

    (added,) = services.add_documents(workspace=workspace, offers=[given("a.txt", FOG)], by=editor)
    services.delete_document(archive, by=editor)
    assert Document.objects.get() == added.document
    assert versions.names_taken(workspace, ["a.txt"]) == {"a.txt": added.document}


def test_a_cancelled_archive_version_of_a_text_leaves_no_members(
    add_archive, workspace, editor, given, monkeypatch
):
    (added,) = services.add_documents(
        workspace=workspace, offers=[given("all.zip", FOG)], by=editor
    )
    index(claims.claim_next())
    begun = unpacking._add_member

    def take_in_and_cancel(*args: object) -> None:
        begun(*args)
        services.cancel_document(added.document)

    monkeypatch.setattr(unpacking, "_add_member", take_in_and_cancel)
    add_archive({"a.txt": KEEPER, "b.txt": FOG})

    assert Document.objects.get() == added.document
    assert (added.document.status, added.document.version) == (Status.READY, 1)
