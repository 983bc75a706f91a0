import io

import pytest
from support.factories import make_document

from ingestion.models import Document

Status = Document.Status
pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def address(workspace, document=None, action=""):
    base = f"/w/{workspace.slug}/documents/"
    return f"{base}{document.pk}/{action}" if document else base


def named(name, content=b"some text to read"):
    file = io.BytesIO(content)
    file.name = name
    return file


@pytest.fixture
def documents(workspace, queued):
    return [
        make_document(workspace, "ready.txt", chunks=("one", "two")),
        queued(workspace, "waiting.txt"),
    ]


def test_a_member_sees_the_documents(browse, reader, workspace, documents):
    page = browse(reader).get(address(workspace)).content.decode()

    assert "ready.txt" in page
    assert "waiting.txt" in page
    assert 'id="upload"' not in page


def test_an_editor_sees_the_upload_form(browse, editor, workspace):
    assert 'id="upload"' in browse(editor).get(address(workspace)).content.decode()


def test_htmx_gets_only_the_table(browse, reader, workspace, documents):
    response = browse(reader).get(
        address(workspace), headers={**HTMX, "HX-Target": "document-table"}
    )

    assert "<html" not in response.content.decode()
    assert "ready.txt" in response.content.decode()


def test_the_list_is_filtered(browse, reader, workspace, documents):
    page = (
        browse(reader).get(address(workspace), {"q": "READY", "status": "ready"}).content.decode()
    )

    assert "ready.txt" in page
    assert "waiting.txt" not in page


def test_an_unknown_status_or_page_is_ignored(browse, reader, workspace, documents):
    response = browse(reader).get(address(workspace), {"status": "nonsense", "page": "nonsense"})

    assert "ready.txt" in response.content.decode()


def test_the_list_takes_no_more_queries_for_more_rows(
    browse, reader, workspace, django_assert_max_num_queries
):
    for _ in range(30):
        make_document(workspace)
    client = browse(reader)

    with django_assert_max_num_queries(14):
        client.get(address(workspace))


def test_a_form_without_script_adds_documents(browse, editor, workspace):
    files = [named("a.txt"), named("b.txt", b"bee"), named("empty.txt", b"")]

    page = browse(editor).post(address(workspace), {"file": files}, follow=True).content.decode()

    assert {document.name for document in Document.objects.all()} == {"a.txt", "b.txt"}
    assert "2 documents were added." in page
    assert "empty.txt: " in page


def test_an_empty_form_shows_a_message(browse, editor, workspace):
    page = browse(editor).post(address(workspace), {}, follow=True).content.decode()

    assert "Select at least one document." in page


def test_a_document_is_shown_with_its_chunks(browse, reader, workspace, documents):
    page = browse(reader).get(address(workspace, documents[0])).content.decode()

    assert "ready.txt" in page
    assert page.index("one") < page.index("two")


def test_htmx_gets_only_the_details(browse, reader, workspace, documents):
    headers = {**HTMX, "HX-Target": "document"}

    response = browse(reader).get(address(workspace, documents[1]), headers=headers)

    assert "<html" not in response.content.decode()


def test_the_text_of_a_document_is_escaped(browse, reader, workspace):
    document = make_document(workspace, "<b>.txt", chunks=("<script>alert(1)</script>",))

    page = browse(reader).get(address(workspace, document)).content.decode()

    assert "<script>alert(1)" not in page
    assert "&lt;b&gt;.txt" in page


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [("retry/", Status.FAILED, Status.QUEUED), ("cancel/", Status.QUEUED, Status.CANCELLED)],
)
def test_htmx_gets_the_changed_row(browse, editor, workspace, queued, action, before, after):
    document = queued(workspace, status=before)

    response = browse(editor).post(address(workspace, document, action), headers=HTMX)

    assert Document.objects.get().status == after
    assert f'id="document-{document.pk}"' in response.content.decode()
    assert "<html" not in response.content.decode()


def test_a_form_without_script_redirects_to_the_document(browse, editor, workspace, queued):
    document = queued(workspace, status=Status.FAILED)

    response = browse(editor).post(address(workspace, document, "retry/"), {"password": "secret"})

    assert response["Location"] == address(workspace, document)
    assert Document.objects.get().sealed_password is not None


def test_an_outdated_action_shows_the_current_state(browse, editor, workspace, documents):
    client = browse(editor)

    row = client.post(address(workspace, documents[0], "cancel/"), headers=HTMX)
    page = client.post(address(workspace, documents[0], "cancel/"), follow=True)

    assert "ready.txt" in row.content.decode()
    assert "not being processed" in page.content.decode()


def test_a_document_is_pinned_and_unpinned(browse, editor, workspace, documents):
    client = browse(editor)

    client.post(address(workspace, documents[0], "pin/"))
    assert Document.objects.get(pk=documents[0].pk).pinned

    client.post(address(workspace, documents[0], "pin/"), {"pinned": "false"})
    assert not Document.objects.get(pk=documents[0].pk).pinned


def test_a_document_is_deleted(browse, editor, workspace, documents):
    client = browse(editor)

    assert client.post(address(workspace, documents[0], "delete/"), headers=HTMX).status_code == 200
    assert client.post(address(workspace, documents[1], "delete/"))["Location"] == address(
        workspace
    )
    assert not Document.objects.exists()


def test_a_viewer_cannot_change_a_document(browse, reader, workspace, documents):
    client = browse(reader)

    assert client.post(address(workspace), {"file": named("a.txt")}).status_code == 403
    for action in ("retry/", "cancel/", "pin/", "delete/"):
        assert client.post(address(workspace, documents[0], action)).status_code == 403
    assert Document.objects.count() == 2


def test_a_stranger_gets_404_and_a_visitor_the_sign_in_page(browse, stranger, workspace, documents):
    for path in (
        address(workspace),
        address(workspace, documents[0]),
        address(workspace, documents[0], "file/"),
    ):
        assert browse(stranger).get(path).status_code == 404
        assert browse().get(path)["Location"].startswith("/login/")


@pytest.mark.parametrize("chunk", ["", "nonsense", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_chunk_opens_the_first_page(browse, reader, workspace, chunk):
    document = make_document(workspace, chunks=tuple(f"passage {n}." for n in range(60)))

    page = browse(reader).get(address(workspace, document), {"chunk": chunk}).content.decode()

    assert "passage 0." in page


def test_the_link_of_a_citation_opens_the_page_of_its_chunk(browse, reader, workspace):
    document = make_document(workspace, chunks=tuple(f"passage {n}." for n in range(60)))
    cited = document.chunks.get(position=55)

    page = (
        browse(reader).get(address(workspace, document), {"chunk": str(cited.pk)}).content.decode()
    )

    assert f'id="chunk-{cited.pk}"' in page
    assert "passage 0." not in page


def test_a_sample_is_added_in_the_language_of_the_interface(browse, editor, workspace):
    answer = browse(editor).post(
        address(workspace) + "sample/", headers={"accept-language": "zh-CN"}
    )

    assert answer.status_code == 302
    assert Document.objects.get(workspace=workspace).name == "阅览室守则.md"


def test_an_empty_workspace_offers_a_sample_to_editors(browse, editor, reader, workspace):
    assert b"documents/sample/" in browse(editor).get(address(workspace)).content
    assert b"documents/sample/" not in browse(reader).get(address(workspace)).content
    assert browse(reader).post(address(workspace) + "sample/").status_code == 403
