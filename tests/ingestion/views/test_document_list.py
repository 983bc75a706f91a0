"""The list of documents: order, filters, polling and bulk actions."""

import re

import pytest
from django.utils import timezone
from support.factories import make_document, make_workspace

from ingestion.models import Document

Status = Document.Status
pytestmark = pytest.mark.django_db
TABLE = {"HX-Request": "true", "HX-Target": "document-table"}


def address(workspace, action: str = "") -> str:
    return f"/w/{workspace.slug}/documents/{action}"


def listed(page: str) -> list[str]:
    return re.findall(r'id="name-[^>]*title="([^"]+)"', page)


@pytest.fixture
def shown(browse, editor, workspace):
    """Return a function that lists the documents for a query."""
    client = browse(editor)

    def shown(**asked: str) -> list[str]:
        return listed(client.get(address(workspace), asked).content.decode())

    return shown


@pytest.fixture
def documents(workspace, queued):
    make_document(workspace, "Beta.txt", text="x" * 900)
    make_document(workspace, "alpha.txt", text="x" * 5000)
    queued(
        workspace,
        "gamma.txt",
        status=Status.FAILED,
        error_code="too_large",
        error_details={"reason": "pages:2000"},
    )
    queued(
        workspace,
        "delta.txt",
        status=Status.FAILED,
        error_code="too_large",
        error_details={"reason": ""},
    )
    queued(workspace, "wait.pdf", media_type="application/pdf", pinned=True)


@pytest.mark.parametrize(
    ("sort", "first", "last"),
    [
        ("", "wait.pdf", "Beta.txt"),
        ("added", "Beta.txt", "wait.pdf"),
        ("name", "alpha.txt", "wait.pdf"),
        ("-name", "wait.pdf", "alpha.txt"),
        ("-size", "alpha.txt", None),
        ("status", "delta.txt", "Beta.txt"),
        ("nonsense", "wait.pdf", "Beta.txt"),
    ],
)
def test_documents_are_listed_in_the_requested_order(documents, shown, sort, first, last):
    found = shown(sort=sort)

    assert (found[0], found[-1] if last else None) == (first, last)


def test_documents_in_work_come_first_by_default(documents, shown):
    Document.objects.filter(name="alpha.txt").update(status=Status.PROCESSING)

    assert shown()[:2] == ["alpha.txt", "wait.pdf"]
    assert shown(sort="added")[0] == "Beta.txt"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"status": "queued"}, {"wait.pdf"}),
        ({"status": "queued,failed"}, {"wait.pdf", "gamma.txt", "delta.txt"}),
        ({"kind": "application/pdf"}, {"wait.pdf"}),
        ({"pinned": "1"}, {"wait.pdf"}),
        ({"reason": "too_large.pages"}, {"gamma.txt"}),
        ({"reason": "too_large"}, {"delta.txt"}),
        ({"q": "ALPHA"}, {"alpha.txt"}),
        ({"q": "alpha", "kind": "application/pdf"}, set()),
    ],
)
def test_documents_are_filtered(documents, shown, asked, found):
    assert set(shown(**asked)) == found


def test_failures_are_grouped_by_reason(browse, editor, workspace, queued):
    for number in range(3):
        details = {"reason": f"pages:{number}"}
        queued(workspace, status=Status.FAILED, error_code="too_large", error_details=details)
    queued(workspace, status=Status.FAILED, error_code="password_needed")

    page = browse(editor).get(address(workspace)).content.decode()

    assert "4 documents could not be processed" in page
    assert re.findall(r'<span class="count">(\d+)</span>', page) == ["3", "1"]
    assert page.count("Try again<span") == 1


@pytest.mark.parametrize(("code", "offered"), [("password_needed", 0), ("too_slow", 1)])
def test_documents_that_need_a_password_offer_no_plain_retry(
    browse, editor, workspace, queued, code, offered
):
    document = queued(workspace, status=Status.FAILED, error_code=code)

    for place in (address(workspace), f"{address(workspace)}{document.pk}/"):
        page = browse(editor).get(place).content.decode()
        assert (page.count(f'id="retry-{document.pk}"') + page.count('id="retry"')) == offered
        assert page.count('type="password"') == 1 - offered


def test_rare_failure_reasons_follow_the_frequent_ones(browse, editor, workspace, queued):
    for code in ("password_needed", "corrupt", "no_text", "empty", "too_slow", "parser_crashed"):
        queued(workspace, status=Status.FAILED, error_code=code)

    before, _, behind = (
        browse(editor).get(address(workspace)).content.decode().partition("2 more reasons")
    )

    assert (before.count('class="count"'), behind.count('class="count"')) == (4, 2)


def test_documents_that_failed_for_one_reason_are_retried_together(
    documents, browse, editor, workspace
):
    said = {"action": "retry", "all": "1", "reason": "too_large.pages", "back": "sort=name"}

    answer = browse(editor).post(address(workspace, "bulk/"), said)

    assert answer["Location"] == address(workspace) + "?sort=name"
    waiting = Document.objects.filter(status=Status.QUEUED)
    assert {document.name for document in waiting} == {"wait.pdf", "gamma.txt"}


def test_a_bulk_deletion_asks_once_with_the_count(documents, browse, editor, workspace):
    client = browse(editor)
    chosen = list(Document.objects.filter(name__endswith="a.txt").values_list("pk", flat=True))
    said = {
        "action": "delete",
        "document": [*chosen, "nonsense"],
        "back": "https://elsewhere.example/",
    }

    asked = client.post(address(workspace, "bulk/"), said).content.decode()

    assert "Delete 4 documents?" in asked
    assert asked.count('name="document"') == 5
    assert Document.objects.count() == 5

    answer = client.post(address(workspace, "bulk/"), {**said, "confirmed": "1"})

    assert answer["Location"].startswith(address(workspace))
    assert [document.name for document in Document.objects.all()] == ["wait.pdf"]


@pytest.mark.parametrize("said", [{}, {"action": "delete"}, {"action": "burn", "all": "1"}])
def test_an_empty_selection_changes_no_document(documents, browse, editor, workspace, said):
    page = browse(editor).post(address(workspace, "bulk/"), said, follow=True).content.decode()

    assert "Select at least one document." in page
    assert Document.objects.count() == 5


def test_only_editors_can_select_documents(documents, browse, reader, workspace):
    client = browse(reader)

    assert "bulk/" not in client.get(address(workspace)).content.decode()
    said = {"action": "delete", "all": "1", "confirmed": "1"}
    assert client.post(address(workspace, "bulk/"), said).status_code == 403
    assert Document.objects.count() == 5


def test_a_polled_table_is_204_while_nothing_changed(documents, browse, reader, workspace):
    client = browse(reader)
    seen = re.search(r'"X-Seen": "(\w+)"', client.get(address(workspace)).content.decode())[1]

    same = client.get(address(workspace), headers={**TABLE, "X-Seen": seen})
    Document.objects.filter(name="wait.pdf").update(
        status=Status.PROCESSING, stage="parse", done=3, total=12
    )
    changed = client.get(address(workspace), headers={**TABLE, "X-Seen": seen})

    assert same.status_code == 204
    assert "Reading page 3 of 12" in changed.content.decode()
    assert client.get(address(workspace), headers={"X-Seen": seen}).status_code == 200


def test_rows_show_the_status_of_a_document(browse, reader, workspace, queued):
    for name in ("first.txt", "second.txt"):
        queued(workspace, name)
    later = timezone.now() + timezone.timedelta(minutes=9)
    queued(workspace, "later.txt", error_code="database_unavailable", attempts=2, due=later)
    queued(workspace, "chunks.txt", status=Status.PROCESSING, stage="embed", done=64, total=128)
    zipped = {"status": Status.PROCESSING, "stage": "parse", "media_type": "application/zip"}
    queued(workspace, "some.zip", **zipped)

    page = browse(reader).get(address(workspace)).content.decode()

    for said in ("Queue: 2", "Next attempt", "Embedding passage 64 of 128", "Unpacking"):
        assert said in page


def test_ten_thousand_documents_take_no_more_queries(
    browse, editor, workspace, django_assert_max_num_queries
):
    make_document(make_workspace(), "elsewhere.txt")
    like = make_document(workspace, "0.txt")
    rows = [
        Document(
            workspace=workspace,
            blob_id=like.blob_id,
            name=f"{number}.txt",
            status=status,
            error_code="empty",
        )
        for number, status in enumerate(["queued", "failed", "ready", "processing"] * 2500)
    ]
    Document.objects.bulk_create(rows, batch_size=5000)
    client = browse(editor)

    with django_assert_max_num_queries(19):
        page = client.get(address(workspace), {"sort": "name"}).content.decode()
    seen = re.search(r'"X-Seen": "(\w+)"', page)[1]
    with django_assert_max_num_queries(12):
        assert (
            client.get(
                address(workspace), {"sort": "name"}, headers={**TABLE, "X-Seen": seen}
            ).status_code
            == 204
        )

    assert len(listed(page)) == 50
    assert "10,001" in page
