"""The page of a document: processing history, rename, polling."""

import pytest
from django.utils import timezone
from support.factories import make_document

from ingestion.models import Document, Run
from ingestion.views.run_history import duration

pytestmark = pytest.mark.django_db
STEPS = [
    {"stage": "wait", "ms": 61_000},
    {"stage": "parse", "ms": 500, "pages": 12, "elements": 340, "known": True},
    {"stage": "split", "ms": 0, "chunks": 45},
    {
        "stage": "embed",
        "ms": 1500,
        "chunks": 45,
        "model": "tests/model",
        "known": 44,
        "without_vector": 1,
    },
    {"stage": "index", "ms": 0, "chunks": 45},
]


def address(document: Document, action: str = "") -> str:
    return f"/w/{document.workspace.slug}/documents/{document.pk}/{action}"


def ran(document: Document, **fields: object) -> Run:
    now = timezone.now()
    known = {"attempt": 1, "began": now, "ended": now, "outcome": "ready", "steps": STEPS}
    return Run.objects.create(document=document, **{**known, **fields})


def test_a_page_shows_runs_with_times_and_counts(browse, reader, workspace):
    document = make_document(workspace, chunks=("one",))
    ran(document, outcome="failed", error_code="empty", steps=STEPS[:2])
    ran(document, attempt=2)

    page = browse(reader).get(address(document)).content.decode()

    for said in (
        *("1 min 1 s", "500 ms", "1.5 s", "took 2.0 s", "Attempt 2", "1 earlier run"),
        *(
            "12 pages · 340 paragraphs, headings and tables · parsed text reused",
            "This file is empty",
        ),
        "45 passages · 44 reused · with tests/model · 1 keyword search only",
    ):
        assert said in page
    assert '<rect x="25.00" y="0" width="0.00"' in page
    assert '<rect x="25.00" y="0" width="75.00"' in page


@pytest.mark.parametrize(
    ("ms", "said"),
    [
        (0, "0 ms"),
        (999, "999 ms"),
        (1000, "1.0 s"),
        (59_940, "59.9 s"),
        (61_500, "1 min 1 s"),
        (7_260_000, "2 h 1 min"),
    ],
)
def test_durations_have_at_most_two_units(ms, said):
    assert duration(ms) == said


def test_a_document_is_renamed(browse, editor, reader, workspace):
    document = make_document(workspace, "draft.txt", chunks=("one",))

    assert (
        browse(reader).post(address(document, "rename/"), {"name": "mine.txt"}).status_code == 403
    )
    browse(editor).post(address(document, "rename/"), {"name": " final.txt "})

    document.refresh_from_db()
    assert document.name == "final.txt"


def test_a_rename_to_the_name_of_equal_bytes_is_refused(browse, editor, workspace):
    make_document(workspace, "there.txt", text="same")
    document = make_document(workspace, "draft.txt", text="same")

    page = (
        browse(editor)
        .post(address(document, "rename/"), {"name": "there.txt"}, follow=True)
        .content.decode()
    )

    assert "The same file with this name already exists" in page


def test_a_cancelled_document_offers_a_retry(browse, editor, workspace, queued):
    document = queued(workspace, status="cancelled")

    assert "Retry or delete it." in browse(editor).get(address(document)).content.decode()


def test_a_polled_page_is_204_while_nothing_changed(browse, reader, workspace, queued):
    document, client = queued(workspace), browse(reader)
    asking = {"HX-Request": "true", "HX-Target": "document"}
    seen = client.get(address(document)).context["seen"]

    same = client.get(address(document), headers={**asking, "X-Seen": seen})
    Document.objects.update(status="processing", stage="embed", done=5, total=10)
    changed = client.get(address(document), headers={**asking, "X-Seen": seen})

    assert (same.status_code, changed.status_code) == (204, 200)
    assert "Embedding passage 5 of 10" in changed.content.decode()
