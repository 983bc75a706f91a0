import io
import os

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from factories import make_document, make_workspace

from ingestion import blobs, services
from ingestion.models import Document

Status = Document.Status
FIELDS = {
    "id", "name", "title", "size", "media_type", "status", "stage", "progress", "error", "pages", "chunks", "pinned",
    "version", "added_by", "created",
}  # fmt: skip
pytestmark = pytest.mark.django_db


def address(workspace, document=None, action=""):
    base = f"/api/v1/workspaces/{workspace.slug}/documents/"
    return f"{base}{document.pk}/{action}" if document else base


def upload(client, workspace, *files):
    return client.post(address(workspace), {"file": [file(*one) for one in files]}, format="multipart")


def file(name, content=b"some text to read"):
    named = SimpleUploadedFile("x", content)
    named._name = name
    return named


@pytest.fixture
def editing(call, editor):
    return call(editor)


@pytest.fixture
def reading(call, reader):
    return call(reader)


def test_documents_are_added_in_order_and_wait(editing, workspace, editor):
    response = upload(editing, workspace, ("b.txt", b"bee"), ("a.txt", b"ay"))

    rows = response.json()["results"]
    assert response.status_code == 202
    assert [row["name"] for row in rows] == ["b.txt", "a.txt"]
    assert set(rows[0]) == FIELDS
    assert rows[0]["status"] == "queued"
    assert rows[0]["size"] == 3
    assert rows[0]["created"].endswith("Z")
    assert rows[0]["added_by"] == {"id": str(editor.pk), "name": "Edith"}
    assert rows[0] == editing.get(address(workspace, Document.objects.get(name="b.txt"))).json()


def test_one_that_is_here_already_says_so(editing, workspace):
    upload(editing, workspace, ("a.txt", b"same"))

    response = upload(editing, workspace, ("a.txt", b"same"))

    (row,) = response.json()["results"]
    assert response.status_code == 202
    assert row["duplicate"] is True
    assert set(row) == FIELDS | {"duplicate"}


def test_one_refused_stands_in_its_place_and_the_others_go_on(editing, workspace):
    response = upload(editing, workspace, ("good.txt",), ("empty.txt", b""), ("good2.txt",))

    good, bad, second = response.json()["results"]
    assert response.status_code == 202
    assert set(bad) == {"name", "error"}
    assert bad["name"] == "empty.txt"
    assert bad["error"]["code"] == "empty"
    assert "id" in good
    assert "id" in second


def test_when_all_are_refused_the_answer_is_a_problem_with_the_rows(editing, workspace):
    response = upload(editing, workspace, ("a.txt", b""), ("b.txt", b""))

    problem = response.json()
    assert response.status_code == problem["status"] == 400
    assert response["Content-Type"] == "application/problem+json"
    assert problem["code"] == "empty"
    assert [row["name"] for row in problem["results"]] == ["a.txt", "b.txt"]


def test_all_too_large_is_413(editing, workspace, settings, data_dir):
    settings.MAX_DOCUMENT_BYTES = 1000

    response = upload(editing, workspace, ("a.txt", b"x" * 1001), ("b.txt", b"x" * 3_000_000))

    assert response.status_code == 413
    assert response.json()["code"] == "too_large"
    assert list((data_dir / "tmp").iterdir()) == []
    assert not Document.objects.exists()


def test_a_full_disk_is_507_and_nothing_is_half_there(editing, workspace, data_dir, monkeypatch):
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
def test_odd_names_are_cleaned(editing, workspace, sent, kept):
    response = upload(editing, workspace, (sent,))

    assert [row["name"] for row in response.json()["results"]] == [kept]


@pytest.mark.parametrize(("sent", "kept"), [(b"a\x00b.txt", "a b.txt"), (b"/", "untitled")])
def test_names_that_no_browser_sends_are_cleaned(editing, workspace, sent, kept):
    body = b'--B\r\nContent-Disposition: form-data; name="file"; filename="' + sent + b'"\r\n\r\ntext\r\n--B--\r\n'

    response = editing.generic("POST", address(workspace), body, content_type="multipart/form-data; boundary=B")

    assert [row["name"] for row in response.json()["results"]] == [kept]


def test_a_part_without_a_name_is_refused_in_one_sentence(editing, workspace):
    body = b'--B\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\ntext\r\n--B--\r\n'

    response = editing.generic("POST", address(workspace), body, content_type="multipart/form-data; boundary=B")

    assert response.status_code == 400
    assert response.json()["code"] == "name_missing"


def test_an_upload_without_documents_is_a_problem(editing, workspace):
    response = editing.post(address(workspace), {}, format="multipart")

    assert response.status_code == 400
    assert response.json()["code"] == "no_file"


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{}", "application/json", 415),
        (b"no form at all", "multipart/form-data; boundary=B", 400),
        (b"--B\r\nhalf", "multipart/form-data; boundary=B", 400),
        (b"", "multipart/form-data", 400),
    ],
)
def test_a_body_that_is_no_form_is_a_problem(editing, workspace, body, content_type, status):
    response = editing.generic("POST", address(workspace), body, content_type=content_type)

    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"


def test_a_browser_adds_documents_with_its_session(browse, editor, workspace, data_dir):
    client = browse(editor)

    response = client.post(address(workspace), {"file": io.BytesIO(b"some text")})

    assert response.status_code == 202
    assert list((data_dir / "tmp").iterdir()) == []


def test_the_list_is_paged_newest_first(reading, workspace):
    documents = [make_document(workspace) for _ in range(3)]

    first = reading.get(address(workspace), {"page_size": 2}).json()
    second = reading.get(first["next"]).json()

    assert [row["id"] for row in first["results"] + second["results"]] == [str(d.pk) for d in reversed(documents)]
    assert second["next"] is None


def test_the_list_takes_the_same_number_of_queries_for_many_rows(
    reading, workspace, editor, django_assert_max_num_queries
):
    for _ in range(10):
        make_document(workspace)
    Document.objects.update(added_by=editor)

    with django_assert_max_num_queries(6):
        reading.get(address(workspace))


def test_the_list_is_filtered_by_status_and_name(reading, workspace, queued):
    make_document(workspace, "Alpha.txt")
    queued(workspace, "alphabet.txt")
    queued(workspace, "beta.txt", status=Status.FAILED)

    def names(**query):
        return {row["name"] for row in reading.get(address(workspace), query).json()["results"]}

    assert names(q="ALPHA") == {"Alpha.txt", "alphabet.txt"}
    assert names(status="queued,failed") == {"alphabet.txt", "beta.txt"}
    assert names(status="ready", q="beta") == set()
    assert names(q="100%") == set()
    assert names(q="\x00") == {"Alpha.txt", "alphabet.txt", "beta.txt"}


def test_an_unknown_status_is_a_problem_that_names_it(reading, workspace):
    response = reading.get(address(workspace), {"status": "queued,done"})

    assert response.status_code == 400
    assert "done" in response.json()["errors"]["status"][0]


def test_a_failed_document_says_why(reading, workspace, queued):
    document = queued(workspace, status=Status.FAILED, error_code="no_text", error_details={"reason": ""})

    row = reading.get(address(workspace, document)).json()

    assert row["error"]["code"] == "no_text"
    assert row["error"]["message"].endswith(".")


def test_a_document_can_be_renamed_and_pinned(editing, workspace):
    document = make_document(workspace)

    response = editing.patch(address(workspace, document), {"name": "new.txt", "pinned": True, "status": "failed"})

    assert response.status_code == 200
    assert response.json()["name"] == "new.txt"
    assert response.json()["pinned"] is True
    assert response.json()["status"] == "queued"


@pytest.mark.parametrize("body", [{"name": ""}, {"name": None}, {"pinned": "perhaps"}, {"name": "x" * 300}])
def test_a_change_that_makes_no_sense_is_a_problem_by_field(editing, workspace, body):
    response = editing.patch(address(workspace, make_document(workspace)), body)

    assert response.status_code == 400
    assert set(response.json()["errors"]) == set(body)


def test_a_document_can_be_deleted(editing, workspace):
    document = make_document(workspace, chunks=("one",))

    assert editing.delete(address(workspace, document)).status_code == 204
    assert editing.get(address(workspace, document)).status_code == 404


def test_chunks_come_in_order(reading, workspace):
    document = make_document(workspace, chunks=("one", "two", "three"))

    first = reading.get(address(workspace, document, "chunks/"), {"page_size": 2}).json()
    second = reading.get(first["next"]).json()

    rows = first["results"] + second["results"]
    assert [(row["position"], row["text"]) for row in rows] == [(0, "one"), (1, "two"), (2, "three")]
    assert set(rows[0]) == {"id", "position", "text", "headings", "page_from", "page_to"}


def test_a_failed_document_is_tried_again_with_its_password(editing, workspace, queued):
    document = queued(workspace, status=Status.FAILED, error_code="password_needed")

    response = editing.post(address(workspace, document, "retry/"), {"password": "open sesame"})

    assert response.status_code == 202
    assert response.json()["status"] == "queued"
    assert response.json()["error"] is None
    assert "sesame" not in str(Document.objects.values())


def test_trying_again_needs_no_body(editing, workspace, queued):
    document = queued(workspace, status=Status.FAILED)

    assert editing.post(address(workspace, document, "retry/")).status_code == 202


def test_what_cannot_be_tried_again_or_cancelled_is_a_conflict(editing, workspace):
    document = make_document(workspace)

    for action, code in (("retry/", "not_failed"), ("cancel/", "not_unfinished")):
        response = editing.post(address(workspace, document, action))
        assert response.status_code == 409
        assert response.json()["code"] == code


def test_a_waiting_document_can_be_cancelled(editing, workspace, queued):
    response = editing.post(address(workspace, queued(workspace), "cancel/"))

    assert response.status_code == 200
    assert response.json()["status"] == "cancelled"


def test_a_viewer_reads_and_changes_nothing(reading, workspace):
    document = make_document(workspace, chunks=("one",))

    for action in ("", "file/", "chunks/"):
        assert reading.get(address(workspace, document, action)).status_code == 200
    for response in (
        upload(reading, workspace, ("a.txt",)),
        reading.patch(address(workspace, document), {"pinned": True}),
        reading.delete(address(workspace, document)),
        reading.post(address(workspace, document, "retry/")),
        reading.post(address(workspace, document, "cancel/")),
    ):
        assert response.status_code == 403
    assert Document.objects.count() == 1


def test_a_stranger_finds_nothing(call, stranger, workspace):
    client = call(stranger)
    document = make_document(workspace)

    for response in (
        client.get(address(workspace)),
        upload(client, workspace, ("a.txt",)),
        client.get(address(workspace, document)),
        client.get(address(workspace, document, "file/")),
        client.get(address(workspace, document, "chunks/")),
        client.patch(address(workspace, document), {"pinned": True}),
        client.delete(address(workspace, document)),
        client.post(address(workspace, document, "retry/")),
        client.post(address(workspace, document, "cancel/")),
    ):
        assert response.status_code == 404
    assert Document.objects.count() == 1


def test_a_visitor_is_asked_who_they_are(call, workspace):
    assert call().get(address(workspace)).status_code == 401
    assert upload(call(), workspace, ("a.txt",)).status_code == 401


def test_a_document_of_another_workspace_is_not_found_here(call, owner, workspace):
    elsewhere = make_workspace(owner=owner)
    document = make_document(elsewhere)

    assert call(owner).get(address(workspace, document)).status_code == 404
    assert call(owner).get(address(elsewhere, document)).status_code == 200


def test_ids_that_are_none_are_not_found(reading, workspace):
    response = reading.get(f"{address(workspace)}nonsense/")

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


def test_a_document_deleted_in_the_meantime_is_not_found(editing, workspace, owner):
    document = make_document(workspace)
    services.delete_document(Document.objects.get(pk=document.pk), by=owner)

    assert editing.post(address(workspace, document, "cancel/")).status_code == 404
