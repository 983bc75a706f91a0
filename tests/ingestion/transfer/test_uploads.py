import io
import os

import pytest
from support.document_calls import FIELDS, address, upload

from ingestion.models import Document
from ingestion.storage import blobs

Status = Document.Status
pytestmark = pytest.mark.django_db


def test_documents_are_added_and_queued_in_order(editing, workspace, editor):
    response = upload(editing, workspace, ("b.txt", b"bee"), ("a.txt", b"ay"))

    rows = response.json()["results"]
    assert response.status_code == 202
    assert [row["name"] for row in rows] == ["b.txt", "a.txt"]
    assert set(rows[0]) == FIELDS
    assert rows[0]["status"] == "queued"
    assert rows[0]["size"] == 3
    assert rows[0]["created"].endswith("Z")
    assert rows[0]["added_by"] == {"id": str(editor.pk), "name": "Edith"}
    assert {**rows[0], "place": 1} == editing.get(
        address(workspace, Document.objects.get(name="b.txt"))
    ).json()


def test_an_existing_document_is_reported_as_duplicate(editing, workspace):
    upload(editing, workspace, ("a.txt", b"same"))

    response = upload(editing, workspace, ("a.txt", b"same"))

    (row,) = response.json()["results"]
    assert response.status_code == 202
    assert row["duplicate"] is True
    assert set(row) == FIELDS | {"duplicate"}


def test_a_refused_file_keeps_its_row_and_the_rest_is_added(editing, workspace):
    response = upload(editing, workspace, ("good.txt",), ("empty.txt", b""), ("good2.txt",))

    good, bad, second = response.json()["results"]
    assert response.status_code == 202
    assert set(bad) == {"name", "error"}
    assert bad["name"] == "empty.txt"
    assert bad["error"]["code"] == "empty"
    assert "id" in good
    assert "id" in second


def test_an_upload_refused_as_a_whole_is_a_problem_with_rows(editing, workspace):
    response = upload(editing, workspace, ("a.txt", b""), ("b.txt", b""))

    problem = response.json()
    assert response.status_code == problem["status"] == 400
    assert response["Content-Type"] == "application/problem+json"
    assert problem["code"] == "empty"
    assert [row["name"] for row in problem["results"]] == ["a.txt", "b.txt"]


def test_an_upload_of_too_large_files_is_413(editing, workspace, settings, data_dir):
    settings.MAX_DOCUMENT_BYTES = 1000

    response = upload(editing, workspace, ("a.txt", b"x" * 1001), ("b.txt", b"x" * 3_000_000))

    assert response.status_code == 413
    assert response.json()["code"] == "too_large"
    assert list((data_dir / "tmp").iterdir()) == []
    assert not Document.objects.exists()


def test_a_full_disk_is_507_and_leaves_no_partial_document(
    editing, workspace, data_dir, monkeypatch
):
    def on_a_full_disk(**_):
        path = data_dir / "tmp" / "incoming-full"
        path.symlink_to("/dev/full")
        return os.open(path, os.O_WRONLY), str(path)

    monkeypatch.setattr(blobs, "mkstemp", on_a_full_disk)

    response = upload(editing, workspace, ("a.txt", b"x" * 1_000_000))

    assert response.status_code == 507
    assert response.json()["code"] == "disk_full"
    assert not Document.objects.exists()
    assert list((data_dir / "tmp").iterdir()) == []


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("..", "untitled"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.txt", "a.txt"),
        ("长" * 85 + ".txt", "长" * 85 + ".txt"),
        ("a%00b.txt", "a%00b.txt"),
        ("x" * 300 + ".txt", "x" * 251 + ".txt"),
    ],
    ids=["dots", "path", "windows path", "255 bytes of Chinese", "percent", "too long"],
)
def test_unusual_names_are_cleaned(editing, workspace, sent, kept):
    response = upload(editing, workspace, (sent,))

    assert [row["name"] for row in response.json()["results"]] == [kept]


@pytest.mark.parametrize(("sent", "kept"), [(b"a\x00b.txt", "a b.txt"), (b"/", "untitled")])
def test_names_that_no_browser_sends_are_cleaned(editing, workspace, sent, kept):
    body = (
        b'--B\r\nContent-Disposition: form-data; name="file"; filename="'
        + sent
        + b'"\r\n\r\ntext\r\n--B--\r\n'
    )

    response = editing.generic(
        "POST", address(workspace), body, content_type="multipart/form-data; boundary=B"
    )

    assert [row["name"] for row in response.json()["results"]] == [kept]


def test_a_part_without_a_name_is_refused_in_one_sentence(editing, workspace):
    body = (
        b'--B\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\ntext\r\n--B--\r\n'
    )

    response = editing.generic(
        "POST", address(workspace), body, content_type="multipart/form-data; boundary=B"
    )

    assert response.status_code == 400
    assert response.json()["code"] == "name_missing"


def test_an_upload_without_documents_is_a_problem(editing, workspace):
    response = editing.post(address(workspace), {}, format="multipart")

    assert response.status_code == 400
    assert response.json()["code"] == "no_file"


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{}", "application/json", 400),
        (b"no form at all", "multipart/form-data; boundary=B", 400),
        (b"--B\r\nhalf", "multipart/form-data; boundary=B", 400),
        (b"", "multipart/form-data", 400),
    ],
)
def test_a_malformed_form_is_a_problem(editing, workspace, body, content_type, status):
    response = editing.generic("POST", address(workspace), body, content_type=content_type)

    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"


def test_a_browser_adds_documents_with_its_session(browse, editor, workspace, data_dir):
    client = browse(editor)

    response = client.post(address(workspace), {"file": io.BytesIO(b"some text")})

    assert response.status_code == 202
    assert list((data_dir / "tmp").iterdir()) == []
