import os
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.utils import timezone
from support.factories import make_user, make_workspace

from ingestion.documents import services
from ingestion.models import Document
from ingestion.models.sources import PartialUpload
from ingestion.sources import partial_uploads
from ingestion.storage import blobs
from workspaces.models import Membership, Role

pytestmark = pytest.mark.django_db
PART = "application/offset+octet-stream"
TEXT = b"some text that comes in parts, one after the other"


def address(workspace, upload=None):
    base = f"/api/v1/workspaces/{workspace.slug}/uploads/"
    return f"{base}{upload['id']}/" if upload else base


def begin(client, workspace, **fields):
    return client.post(address(workspace), {"name": "a.txt", "size": len(TEXT), **fields})


def send(client, workspace, upload, part, offset):
    headers = {"Upload-Offset": str(offset)}
    return client.generic(
        "PATCH", address(workspace, upload), part, content_type=PART, headers=headers
    )


@pytest.fixture
def begun(editing, workspace):
    return begin(editing, workspace).json()


def files(data_dir):
    folder = data_dir / "uploads"
    return list(folder.iterdir()) if folder.exists() else []


def test_a_document_is_uploaded_in_parts(editing, workspace, editor, begun, data_dir):
    first = send(editing, workspace, begun, TEXT[:20], 0)
    last = send(editing, workspace, begun, TEXT[20:], 20)

    assert (first.status_code, first["Upload-Offset"], first.json()["offset"]) == (200, "20", 20)
    assert last.status_code == 202
    (row,) = last.json()["results"]
    document = Document.objects.get()
    assert (row["id"], row["name"], row["status"]) == (str(document.pk), "a.txt", "queued")
    assert blobs.path_of(document.blob_id).read_bytes() == TEXT
    assert document.added_by == editor
    assert files(data_dir) == []


def test_an_interrupted_upload_is_resumed(editing, workspace, begun):
    send(editing, workspace, begun, TEXT[:20], 0)

    head = editing.head(address(workspace, begun))
    again = begin(editing, workspace)
    found = editing.get(address(workspace)).json()["results"]

    assert head["Upload-Offset"] == "20"
    assert again.json()["id"] != begun["id"], (
        "without a fingerprint nobody knows that it is the same file"
    )
    assert {row["id"]: row["offset"] for row in found} == {begun["id"]: 20, again.json()["id"]: 0}


def test_the_same_file_chosen_again_resumes_its_upload(editing, workspace, call, owner):
    begun = begin(editing, workspace, fingerprint="1-2").json()
    send(editing, workspace, begun, TEXT[:20], 0)

    assert begin(editing, workspace, fingerprint="1-2").json()["offset"] == 20
    assert begin(editing, workspace, fingerprint="1-3").json()["offset"] == 0
    assert begin(editing, workspace, fingerprint="1-2", size=9).json()["offset"] == 0
    assert begin(call(owner), workspace, fingerprint="1-2").json()["offset"] == 0


def test_a_resumed_upload_takes_the_new_on_conflict(editing, workspace):
    begun = begin(editing, workspace, fingerprint="1-2", on_conflict="version").json()

    again = begin(editing, workspace, fingerprint="1-2", on_conflict="keep").json()

    assert again["id"] == begun["id"]
    assert PartialUpload.objects.get().on_conflict == "keep"


def test_a_repeated_part_does_no_harm(editing, workspace, begun):
    send(editing, workspace, begun, TEXT[:20], 0)

    again = send(editing, workspace, begun, TEXT[:20], 0)
    ahead = send(editing, workspace, begun, TEXT[30:], 30)
    send(editing, workspace, begun, TEXT[20:], 20)

    assert (again.status_code, again.json()["code"]) == (409, "wrong_offset")
    assert ahead.status_code == 409
    assert blobs.path_of(Document.objects.get().blob_id).read_bytes() == TEXT


def test_the_last_part_may_be_repeated(editing, workspace, begun):
    first = send(editing, workspace, begun, TEXT, 0).json()["results"]

    again = send(editing, workspace, begun, b"", len(TEXT))

    assert again.status_code == 202
    assert again.json()["results"] == first
    assert editing.get(address(workspace, begun)).json()["result"]["id"] == first[0]["id"]
    assert Document.objects.count() == 1


def test_an_upload_of_an_existing_document_is_a_duplicate(editing, workspace, begun):
    editing.post(
        f"/api/v1/workspaces/{workspace.slug}/documents/",
        {"file": SimpleUploadedFile("a.txt", TEXT)},
        format="multipart",
    )

    (row,) = send(editing, workspace, begun, TEXT, 0).json()["results"]

    assert row["duplicate"] is True


def test_an_upload_that_becomes_no_document_has_the_reason(editing, workspace, data_dir):
    program = b"\x7fELF" + bytes(60)
    begun = begin(editing, workspace, size=len(program)).json()

    last = send(editing, workspace, begun, program, 0)

    assert (last.status_code, last.json()["code"]) == (400, "unsupported")
    assert editing.get(address(workspace, begun)).json()["result"]["error"]["code"] == "unsupported"
    assert files(data_dir) == []


def test_more_bytes_than_announced_are_refused_and_not_kept(editing, workspace, begun):
    send(editing, workspace, begun, TEXT[:20], 0)

    more = send(editing, workspace, begun, TEXT, 20)
    send(editing, workspace, begun, TEXT[20:], 20)

    assert more.status_code == 400
    assert blobs.path_of(Document.objects.get().blob_id).read_bytes() == TEXT


def test_bytes_beyond_the_stored_offset_are_overwritten(editing, workspace, begun, data_dir):
    send(editing, workspace, begun, TEXT[:20], 0)
    with (data_dir / "uploads" / begun["id"]).open("ab") as file:
        file.write(b"half a part that was never counted, longer than what is still to come")

    send(editing, workspace, begun, TEXT[20:], 20)

    assert blobs.path_of(Document.objects.get().blob_id).read_bytes() == TEXT


def test_lost_bytes_are_requested_again(editing, workspace, begun, data_dir):
    send(editing, workspace, begun, TEXT[:20], 0)
    (data_dir / "uploads" / begun["id"]).unlink()

    refused = send(editing, workspace, begun, TEXT[20:], 20)
    send(editing, workspace, begun, TEXT, 0)

    assert refused.json()["code"] == "wrong_offset"
    assert "0 bytes" in refused.json()["detail"]
    assert blobs.path_of(Document.objects.get().blob_id).read_bytes() == TEXT


def test_partly_lost_bytes_are_requested_again(editing, workspace, begun, data_dir):
    send(editing, workspace, begun, TEXT[:20], 0)
    os.truncate(data_dir / "uploads" / begun["id"], 7)

    refused = send(editing, workspace, begun, TEXT[20:], 20)

    assert refused.json()["code"] == "wrong_offset"
    assert not Document.objects.exists()


def test_an_upload_cancelled_during_a_part_is_not_found(editing, workspace, begun, editor):
    upload = PartialUpload.objects.get()
    partial_uploads.cancel(upload)

    with pytest.raises(Http404):
        partial_uploads.append(upload, offset=0, part=[TEXT])


def test_a_name_keeps_its_folders_without_leaving_them(editing, workspace):
    begun = begin(editing, workspace, name="../../reports/2026/a.txt").json()

    send(editing, workspace, begun, TEXT, 0)

    assert Document.objects.get().name == "reports/2026/a.txt"


@pytest.mark.parametrize(
    "fields",
    [
        {"size": 0},
        {"size": -1},
        {"size": "x"},
        {"name": ""},
        {"on_conflict": "explode"},
        {"name": "x" * 5000},
    ],
)
def test_an_invalid_value_is_reported_on_its_field(editing, workspace, fields):
    response = begin(editing, workspace, **fields)

    assert response.status_code == 400
    assert set(response.json()["errors"]) == set(fields)


@pytest.mark.parametrize("offset", ["", "x", "-1", "1.5", "9" * 40, "٣"])
def test_a_part_without_a_valid_offset_is_refused(editing, workspace, begun, offset):
    headers = {"Upload-Offset": offset.encode().decode("latin-1")}

    response = editing.generic(
        "PATCH", address(workspace, begun), b"x", content_type=PART, headers=headers
    )

    assert (response.status_code, response.json()["code"]) == (400, "offset_missing")


def test_limits_of_documents_apply_to_uploads_in_parts(editing, workspace, settings):
    settings.MAX_DOCUMENT_BYTES = 1000

    response = begin(editing, workspace, size=1001)

    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_unfinished_uploads_of_a_user_are_limited(editing, workspace, settings, call, owner):
    settings.MAX_UNFINISHED_BYTES = 100

    assert begin(editing, workspace, size=60).status_code == 201
    refused = begin(editing, workspace, size=60)
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_uploads")
    assert begin(call(owner), workspace, size=60).status_code == 201


def test_finished_uploads_do_not_count_towards_the_limit(editing, workspace, settings):
    settings.MAX_UNFINISHED_BYTES = 60
    begun = begin(editing, workspace).json()

    send(editing, workspace, begun, TEXT, 0)

    assert begin(editing, workspace, name="b.txt").status_code == 201


def test_a_full_disk_is_reported_and_received_bytes_stay(
    editing, workspace, begun, data_dir, monkeypatch
):
    send(editing, workspace, begun, TEXT[:20], 0)
    monkeypatch.setattr(
        partial_uploads.os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "full"))
    )
    assert send(editing, workspace, begun, TEXT[20:], 20).status_code == 507
    monkeypatch.undo()

    assert editing.get(address(workspace, begun)).json()["offset"] == 20


def test_an_upload_can_be_cancelled(editing, workspace, begun, data_dir):
    send(editing, workspace, begun, TEXT[:20], 0)

    assert editing.delete(address(workspace, begun)).status_code == 204

    assert files(data_dir) == []
    assert editing.get(address(workspace, begun)).status_code == 404


def test_an_upload_belongs_to_the_user_that_began(workspace, begun, call, owner, reader, stranger):
    for user in (owner, stranger):
        client = call(user)
        assert client.get(address(workspace, begun)).status_code == 404
        assert send(client, workspace, begun, b"x", 0).status_code == 404
        assert client.delete(address(workspace, begun)).status_code == 404
    assert begin(call(stranger), workspace).status_code == 404
    assert begin(call(reader), workspace).status_code == 403


def test_a_former_editor_cannot_send_parts(editing, workspace, begun, editor):
    Membership.objects.filter(user=editor).update(role=Role.VIEWER)
    assert send(editing, workspace, begun, b"x", 0).status_code == 403

    Membership.objects.filter(user=editor).delete()
    assert send(editing, workspace, begun, b"x", 0).status_code == 404


def test_an_upload_is_not_found_under_another_workspace(editing, workspace, begun, editor):
    other = make_workspace(owner=editor)

    assert send(editing, other, begun, b"x", 0).status_code == 404


def test_a_browser_needs_its_csrf_token(browse, editor, workspace, begun):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)

    assert send(client, workspace, begun, b"x", 0).status_code == 403


def test_unfinished_uploads_are_purged_after_a_day(editing, workspace, begun, data_dir):
    send(editing, workspace, begun, TEXT[:20], 0)
    fresh = begin(editing, workspace, name="b.txt").json()
    send(editing, workspace, fresh, TEXT[:20], 0)
    long_ago = timezone.now() - timedelta(days=1, minutes=1)
    PartialUpload.objects.filter(pk=begun["id"]).update(changed=long_ago)
    lost = data_dir / "uploads" / str(uuid4())
    lost.write_bytes(b"nobody's")
    for path in files(data_dir):
        if path.name != fresh["id"]:
            os.utime(path, (long_ago.timestamp(),) * 2)

    assert partial_uploads.purge() == 2

    assert [path.name for path in files(data_dir)] == [fresh["id"]]
    assert PartialUpload.objects.count() == 1


def test_a_document_stays_when_its_upload_is_purged(editing, workspace, begun):
    send(editing, workspace, begun, TEXT, 0)
    PartialUpload.objects.update(changed=timezone.now() - timedelta(days=2))

    partial_uploads.purge()

    assert Document.objects.count() == 1
    services.delete_document(Document.objects.get(), by=None)


def test_deleting_users_or_workspaces_deletes_their_uploads(editing, workspace, begun, editor):
    workspace.delete()
    assert not PartialUpload.objects.exists()

    someone = make_user()
    partial_uploads.begin(workspace=make_workspace(owner=someone), by=someone, name="a", size=1)
    someone.delete()
    assert not PartialUpload.objects.exists()
