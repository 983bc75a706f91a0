"""API of document versions."""

import pytest
from support.document_calls import address, file, upload

from ingestion.models import Document
from ingestion.pipeline import indexing
from ingestion.queue import claims

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("a_model_of_tests")]


@pytest.fixture
def document(workspace, editing) -> Document:
    """A document with two versions, of which the second serves."""
    for content in (b"Dogs must be on a lead.", b"Dogs may run free."):
        upload(editing, workspace, ("rules.md", content))
        read()
    return Document.objects.get()


def read() -> None:
    while (document := claims.claim_next()) is not None:
        indexing.index(document)


def send(client, workspace, *, name="rules.md", content=b"No dogs.", **fields):
    return client.post(
        address(workspace), {"file": file(name, content), **fields}, format="multipart"
    )


def test_an_upload_of_the_same_name_returns_the_new_version(editing, workspace, document):
    response = send(editing, workspace)

    (row,) = response.json()["results"]
    assert response.status_code == 202
    assert (row["id"], row["version"], row["serving"], row["status"]) == (
        str(document.pk),
        3,
        2,
        "queued",
    )
    assert "duplicate" not in row
    assert row["size"] == len(b"No dogs.")
    read()
    row = editing.get(address(workspace, document)).json()
    assert (row["version"], row["serving"], row["status"]) == (3, 3, "ready")


def test_keep_returns_another_document(editing, workspace, document):
    (row,) = send(editing, workspace, on_conflict="keep").json()["results"]

    assert row["id"] != str(document.pk)
    assert (row["name"], row["version"]) == ("rules.md", 1)
    assert len(editing.get(address(workspace)).json()["results"]) == 2


def test_skip_returns_the_existing_document(editing, workspace, document):
    (row,) = send(editing, workspace, on_conflict="skip").json()["results"]

    assert (row["id"], row["version"], row["skipped"]) == (str(document.pk), 2, True)


def test_the_same_bytes_are_a_duplicate_under_each_on_conflict_value(editing, workspace, document):
    for choice in ("version", "keep", "skip"):
        (row,) = send(editing, workspace, content=b"Dogs may run free.", on_conflict=choice).json()[
            "results"
        ]
        assert (row["id"], row["duplicate"]) == (str(document.pk), True)


def test_an_unknown_on_conflict_value_is_refused(editing, workspace):
    response = send(editing, workspace, on_conflict="replace")

    assert response.status_code == 400
    assert "version, keep, skip" in response.json()["errors"]["on_conflict"][0]
    assert not Document.objects.exists()


def test_the_versions_are_listed_newest_first(reading, workspace, document, editor):
    rows = reading.get(address(workspace, document, "versions/")).json()["results"]

    assert [(row["version"], row["serving"], row["size"]) for row in rows] == [
        (2, True, 18),
        (1, False, 23),
    ]
    assert rows[0]["added_by"]["name"] == editor.name
    assert rows[0]["created"].endswith("Z")
    assert reading.get(address(workspace, document, "versions/1/")).json() == rows[1]


def test_a_document_of_one_version_lists_one_version(editing, workspace):
    send(editing, workspace)
    document = Document.objects.get()

    (row,) = editing.get(address(workspace, document, "versions/")).json()["results"]

    assert (row["version"], row["serving"]) == (1, False)


def test_each_version_has_its_original_and_chunks(reading, workspace, document):
    for number, said in ((1, "Dogs must be on a lead."), (2, "Dogs may run free.")):
        original = reading.get(address(workspace, document, f"versions/{number}/file/"))
        chunks = reading.get(address(workspace, document, f"versions/{number}/chunks/")).json()[
            "results"
        ]

        assert original.getvalue() == said.encode()
        assert [(chunk["text"], chunk["boxes"]) for chunk in chunks] == [(said, [])]
    assert reading.get(address(workspace, document, "file/")).getvalue() == b"Dogs may run free."
    assert reading.get(address(workspace, document, "versions/9/file/")).status_code == 404


def test_an_editor_restores_an_old_version(editing, workspace, document):
    response = editing.post(address(workspace, document, "versions/1/restore/"))

    assert response.status_code == 202
    assert (response.json()["version"], response.json()["serving"]) == (3, 2)
    read()
    assert (
        editing.get(address(workspace, document, "file/")).getvalue() == b"Dogs must be on a lead."
    )


def test_an_editor_deletes_an_old_version_but_not_the_current_one(editing, workspace, document):
    current = editing.delete(address(workspace, document, "versions/2/"))
    old = editing.delete(address(workspace, document, "versions/1/"))

    assert (current.status_code, current.json()["code"]) == (409, "version_is_current")
    assert old.status_code == 204
    assert editing.get(address(workspace, document, "versions/1/")).status_code == 404


def test_a_reader_changes_no_version(reading, workspace, document):
    assert reading.post(address(workspace, document, "versions/1/restore/")).status_code == 403
    assert reading.delete(address(workspace, document, "versions/1/")).status_code == 403
    assert (
        reading.post(address(workspace) + "conflicts/", {"names": []}, format="json").status_code
        == 403
    )


def test_taken_names_are_listed_with_the_digest_of_their_bytes(editing, workspace, document):
    names = ["free.md", "./rules.md"]

    response = editing.post(address(workspace) + "conflicts/", {"names": names}, format="json")

    (row,) = response.json()["results"]
    assert (row["name"], row["document"]["id"], row["sha256"]) == (
        names[1],
        str(document.pk),
        document.blob_id,
    )


def test_the_queries_of_the_version_list_do_not_grow_with_versions(
    reading, editing, workspace, document, django_assert_max_num_queries
):
    for number in range(3):
        send(editing, workspace, content=b"No %d dogs." % number)

    with django_assert_max_num_queries(12):
        assert len(reading.get(address(workspace, document, "versions/")).json()["results"]) == 5
