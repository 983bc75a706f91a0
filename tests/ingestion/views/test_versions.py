"""Pages of versions: rows of the list, the document's page, links of old citations."""

import pytest

from ingestion.documents import services, versions
from ingestion.models import Document, PastChunk
from ingestion.pipeline import indexing
from ingestion.queue import claims

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("a_model_of_tests")]


@pytest.fixture
def document(workspace, given, editor) -> Document:
    """A document with two versions, of which the second serves."""
    for content in (b"Dogs must be on a lead.", b"Dogs may run free."):
        services.add_documents(workspace=workspace, offers=[given("rules.md", content)], by=editor)
        read()
    return Document.objects.get()


def read() -> None:
    while (document := claims.claim_next()) is not None:
        indexing.index(document)


def address(workspace, document=None, action=""):
    base = f"/w/{workspace.slug}/documents/"
    return f"{base}{document.pk}/{action}" if document else base


@pytest.fixture
def coming(workspace, document, given, editor) -> Document:
    services.add_documents(workspace=workspace, offers=[given("rules.md", b"No dogs.")], by=editor)
    document.refresh_from_db()
    return document


def test_a_row_names_the_version_in_process_and_the_serving_version(
    browse, reader, workspace, coming
):
    page = browse(reader).get(address(workspace)).content.decode()

    assert "Version 3 is being processed. Answers use version 2 until it is ready." in page


def test_a_row_with_a_failed_version_shows_the_reason_and_offers_the_previous_version(
    browse, editor, reader, workspace, coming
):
    claims.fail(claims.claim_next(), "corrupt")

    page = browse(editor).get(address(workspace)).content.decode()

    assert "damaged" in page
    assert "Answers still use version 2." in page
    assert "Keep version 2" in page
    assert "Keep version 2" not in browse(reader).get(address(workspace)).content.decode()


def test_a_document_lists_its_versions(browse, reader, workspace, document):
    page = browse(reader).get(address(workspace, document)).content.decode()

    assert "Dogs may run free." in page
    assert f"/documents/{document.pk}/versions/1/file/" in page
    assert "Make current" not in page


def test_a_document_of_one_version_has_no_list_of_versions(browse, reader, workspace, document):
    versions.delete(document, 1, by=None)

    assert "versions-title" not in browse(reader).get(address(workspace, document)).content.decode()


def test_an_old_version_shows_its_chunks_and_links_the_current_one(
    browse, reader, workspace, document
):
    page = browse(reader).get(address(workspace, document, "versions/1/")).content.decode()

    assert "Dogs must be on a lead." in page
    assert "There is a newer version of this document." in page
    assert "Answers use version 2." in page


def test_the_original_of_an_old_version_can_be_downloaded(browse, reader, workspace, document):
    response = browse(reader).get(address(workspace, document, "versions/1/file/"))

    assert response.getvalue() == b"Dogs must be on a lead."


def test_a_link_of_an_old_citation_opens_its_version(browse, reader, workspace, document):
    chunk = PastChunk.objects.get().pk
    there = f"{address(workspace, document, 'versions/1/')}?chunk={chunk}"

    for query in (f"?version=1&chunk={chunk}", f"?chunk={chunk}"):
        assert browse(reader).get(address(workspace, document) + query)["Location"] == there
    assert f'id="chunk-{chunk}"' in browse(reader).get(there).content.decode()


@pytest.mark.parametrize(
    "query", ["?version=2", "?version=x", "?version=99999999999", "?chunk=x", "?version=²"]
)
def test_a_link_to_the_current_or_an_unknown_version_shows_the_document(
    browse, reader, workspace, document, query
):
    assert (
        "Dogs may run free."
        in browse(reader).get(address(workspace, document) + query).content.decode()
    )


def test_a_link_to_a_deleted_version_shows_a_message(browse, reader, workspace, document):
    versions.delete(document, 1, by=None)

    page = browse(reader).get(address(workspace, document) + "?version=1").content.decode()

    assert "Version 1 has been deleted" in page


def test_an_editor_restores_and_deletes_versions(browse, editor, workspace, document):
    client = browse(editor)

    client.post(address(workspace, document, "versions/1/restore/"))
    read()
    client.post(address(workspace, document, "versions/2/delete/"))

    document.refresh_from_db()
    assert (document.version, document.serving) == (3, 3)
    assert [version.number for version in versions.versions_of(document)] == [3, 1]


def test_an_impossible_action_on_a_version_is_explained(browse, editor, workspace, document):
    client = browse(editor)

    restored = client.post(address(workspace, document, "versions/2/restore/"), follow=True)
    deleted = client.post(address(workspace, document, "versions/2/delete/"), follow=True)

    assert "This is already the current version." in restored.content.decode()
    assert "Make another version current first" in deleted.content.decode()


def test_a_reader_changes_no_version(browse, reader, workspace, document):
    client = browse(reader)

    assert client.post(address(workspace, document, "versions/1/restore/")).status_code == 403
    assert client.post(address(workspace, document, "versions/1/delete/")).status_code == 403
