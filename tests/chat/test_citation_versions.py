"""Citations of older versions of a document are marked once a newer version serves."""

import pytest
from support.factories import make_conversation, make_document, make_message

from chat.models import Citation, Message
from chat.retrieval import search
from ingestion.models import Blob, Document, Version

pytestmark = pytest.mark.django_db


@pytest.fixture
def citation(workspace, reader) -> Citation:
    document = make_document(workspace, "rules.md", chunks=("Dogs must be on a lead.",))
    answer = make_message(make_conversation(workspace, reader), role=Message.Role.ASSISTANT)
    fields = {"document_name": "rules.md", "quote": "on a lead", "text": "Dogs must be on a lead."}
    return Citation.objects.create(message=answer, n=1, document=document, version=1, **fields)


@pytest.fixture
def other_bytes() -> Blob:
    return Blob.objects.create(sha256="ab" * 32, size=3)


def become(document: Document, number: int, blob: Blob, **fields: object) -> None:
    """Make another version of `document` in its row."""
    for version, bytes_then in ((document.version, document.blob), (number, blob)):
        Version.objects.get_or_create(
            document=document, number=version, defaults={"blob": bytes_then}
        )
    Document.objects.filter(pk=document.pk).update(
        version=number, blob=blob, **{"stand_in": None, **fields}
    )
    document.refresh_from_db()


def is_newer() -> bool:
    return Citation.objects.marked().get().newer


def test_a_citation_of_the_serving_version_is_not_marked(citation):
    assert not is_newer()


def test_a_citation_of_an_older_version_is_marked_once_a_newer_one_serves(citation, other_bytes):
    become(citation.document, 2, other_bytes, stand_in=1)
    assert not is_newer()

    become(citation.document, 2, other_bytes)
    assert is_newer()


def test_a_citation_is_not_marked_if_its_bytes_serve_again(citation, other_bytes):
    first = citation.document.blob
    become(citation.document, 2, other_bytes)

    become(citation.document, 3, first)

    assert not is_newer()


def test_a_citation_of_a_deleted_version_is_marked(citation, other_bytes):
    become(citation.document, 2, other_bytes)

    Version.objects.filter(number=1).delete()

    assert is_newer()


def test_a_citation_of_a_deleted_document_is_not_marked(citation):
    citation.document.delete()

    assert not is_newer()


def test_the_api_reports_a_newer_version(
    citation, other_bytes, call, reader, django_assert_max_num_queries
):
    become(citation.document, 2, other_bytes)

    with django_assert_max_num_queries(12):
        page = (
            call(reader)
            .get(f"/api/v1/conversations/{citation.message.conversation_id}/messages/")
            .json()
        )

    (cited,) = page["results"][0]["citations"]
    assert (cited["version"], cited["newer"], cited["text"]) == (1, True, "Dogs must be on a lead.")
    assert cited["document"]["id"] == str(citation.document_id)


def test_the_page_links_to_the_cited_and_to_the_newest_version(
    citation, other_bytes, browse, reader, workspace
):
    become(citation.document, 2, other_bytes)

    page = (
        browse(reader)
        .get(f"/w/{workspace.slug}/c/{citation.message.conversation_id}/")
        .content.decode()
    )

    document = f"/w/{workspace.slug}/documents/{citation.document_id}/"
    assert f'data-href="{document}?version=1"' in page
    assert f'data-newer="{document}"' in page


def test_a_hit_names_the_version_that_serves_while_a_newer_one_is_processed(
    library, reader, other_bytes
):
    document = Document.objects.get(name="Wings.pdf")
    become(document, 2, other_bytes, stand_in=1)

    hit = search(reader, library, "stall angle", mode="lexical").hits[0]
    assert (hit.document.name, hit.document.version) == ("Wings.pdf", 1)

    become(document, 2, other_bytes)

    assert search(reader, library, "stall angle", mode="lexical").hits[0].document.version == 2
