"""Bulk actions: affected documents, results and permissions."""

import pytest
from support.factories import make_document, make_workspace

from audit.models import Event
from ingestion.documents import bulk, versions
from ingestion.documents.bulk import Action
from ingestion.models import Chunk, Document

Status = Document.Status
pytestmark = pytest.mark.django_db


def names(**wanted: object) -> set[str]:
    return set(Document.objects.filter(**wanted).values_list("name", flat=True))


def address(workspace) -> str:
    return f"/api/v1/workspaces/{workspace.slug}/documents/bulk/"


@pytest.fixture
def documents(workspace, queued):
    """One document of each status, with the status as its name."""
    made = {
        status: queued(workspace, str(status), status=status)
        for status in Status.values
        if status != "ready"
    }
    return {**made, "ready": make_document(workspace, "ready", chunks=("one", "two"))}


@pytest.mark.parametrize(
    ("action", "field", "before", "after"),
    [
        (Action.RETRY, "status", {"failed", "cancelled"}, "queued"),
        (Action.CANCEL, "status", {"queued", "processing"}, "cancelled"),
        (Action.PIN, "pinned", set(Status.values), True),
    ],
)
def test_an_action_passes_over_documents_in_other_states(documents, action, field, before, after):
    done = bulk.act(action, Document.objects.all(), by=None)

    assert done == len(before)
    assert before <= names(**{field: after})


def test_a_bulk_retry_wakes_workers_once(documents, woken, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        bulk.act(Action.RETRY, Document.objects.all(), by=None)

    assert len(woken) == 1


def test_a_bulk_deletion_removes_chunks_and_is_audited(documents, owner, monkeypatch):
    monkeypatch.setattr(bulk, "DELETE_BATCH_SIZE", 2)

    done = bulk.act(Action.DELETE, Document.objects.exclude(name="failed"), by=owner)

    assert (done, names(), Chunk.objects.count()) == (4, {"failed"}, 0)
    assert Event.objects.filter(action="document.deleted", actor=owner).count() == 4


def test_a_bulk_deletion_includes_members_of_archives(workspace, queued):
    archive = queued(workspace, "rules.zip", status=Status.READY, media_type="application/zip")
    member = make_document(workspace, "rules.md", chunks=("one",))
    Document.objects.filter(pk=member.pk).update(archive=archive)

    bulk.act(Action.DELETE, Document.objects.filter(pk=archive.pk), by=None)

    assert not Document.objects.exists()


def test_cancelling_a_new_version_restores_the_serving_version(workspace):
    document = make_document(workspace, "rules.md", chunks=("one",))
    other = make_document(workspace, "other.md", text="other bytes")
    versions.add(document, blob=other.blob, media_type="text/plain", by=None)

    assert bulk.act(Action.CANCEL, Document.objects.filter(pk=document.pk), by=None) == 1

    document.refresh_from_db()
    assert (document.status, document.version, document.stand_in) == (Status.READY, 1, None)


def test_a_program_names_documents_by_their_ids(documents, workspace, editing):
    ids = [
        str(documents["failed"].pk),
        str(documents["ready"].pk),
        "0190163d-8694-739b-aea5-966c26f8ad91",
    ]

    answer = editing.post(address(workspace), {"action": "delete", "ids": ids}, format="json")

    assert answer.json() == {"action": "delete", "documents": 2}
    assert names() == {"queued", "processing", "cancelled"}


def test_a_program_names_documents_by_a_filter(documents, workspace, editing):
    body = {"action": "pin", "filter": {"status": "failed,ready", "q": "fail"}}

    assert editing.post(address(workspace), body, format="json").json()["documents"] == 1
    assert names(pinned=True) == {"failed"}


@pytest.mark.parametrize(
    "which", [{}, {"ids": [], "filter": {}}, {"ids": ["x"]}, {"filter": {}, "action": "burn"}]
)
def test_an_ambiguous_bulk_request_is_refused(documents, workspace, editing, which):
    answer = editing.post(address(workspace), {"action": "delete", **which}, format="json")

    assert answer.status_code == 400
    assert Document.objects.count() == 5


def test_a_bulk_action_does_not_reach_other_workspaces(documents, workspace, editing, reading):
    elsewhere = make_document(make_workspace(), "elsewhere")
    body = {"action": "delete", "ids": [str(elsewhere.pk)]}

    assert editing.post(address(workspace), body, format="json").json()["documents"] == 0
    assert (
        editing.post(
            address(workspace), {"action": "delete", "filter": {}}, format="json"
        ).status_code
        == 200
    )
    assert (
        reading.post(
            address(workspace), {"action": "delete", "filter": {}}, format="json"
        ).status_code
        == 403
    )
    assert names() == {"elsewhere"}
