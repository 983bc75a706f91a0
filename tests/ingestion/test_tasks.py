from datetime import timedelta

import pytest
from celery import current_app
from django.db import OperationalError
from django.utils import timezone
from support.factories import make_document, make_workspace

from config import celeryconfig
from ingestion import tasks
from ingestion.index.fingerprint import make_of
from ingestion.models import Document
from ingestion.queue import wakeup
from ingestion.storage import blobs
from ingestion.worker import loop

Status = Document.Status
pytestmark = pytest.mark.django_db


def test_the_wakeup_message_and_the_timetable_name_existing_tasks():
    current_app.loader.import_default_modules()
    named = {
        wakeup.INDEX_WAITING,
        *(name for name in celeryconfig.timetable if name.startswith("ingestion.")),
    }

    assert named <= set(current_app.tasks)


def test_a_task_without_database_ends_without_an_error(monkeypatch, caplog):
    def away(**_kwargs):
        raise OperationalError("connection refused")

    monkeypatch.setattr(loop, "index_waiting", away)

    tasks.index_waiting_documents()

    assert "cannot be reached" in caplog.text


@pytest.mark.parametrize(
    ("fields", "wakes"),
    [
        ({"status": Status.QUEUED}, True),
        ({"status": Status.PROCESSING, "due": "2020-01-01T00:00Z"}, True),
        ({"status": Status.PROCESSING, "due": "2120-01-01T00:00Z"}, False),
        ({"status": Status.QUEUED, "due": "2120-01-01T00:00Z"}, False),
        ({"status": Status.READY}, False),
        ({"status": Status.FAILED}, False),
    ],
)
def test_workers_are_woken_for_forgotten_documents(queued, woken, fields, wakes):
    queued(make_workspace(), **fields)

    tasks.maintain_queue()

    assert woken == ([wakeup.INDEX_WAITING] if wakes else [])


def test_documents_with_an_outdated_fingerprint_are_queued(
    django_capture_on_commit_callbacks, woken
):
    current, changed, deleted = make_workspace(), make_workspace(), make_workspace()
    for workspace in (current, changed, deleted):
        document = make_document(workspace)
        Document.objects.filter(pk=document.pk).update(make=make_of(workspace))
    changed.chunk_tokens = 100
    changed.save()
    deleted.chunk_tokens, deleted.deleted = 100, timezone.now()
    deleted.save()

    with django_capture_on_commit_callbacks(execute=True):
        tasks.maintain_makes()

    assert Document.objects.get(status=Status.QUEUED).workspace == changed
    assert woken == [wakeup.INDEX_WAITING]


def test_a_changed_server_default_is_noticed_too(settings):
    workspace = make_workspace()
    document = make_document(workspace)
    Document.objects.update(make=make_of(workspace))
    settings.WORKSPACE_DEFAULTS = {**settings.WORKSPACE_DEFAULTS, "chunk_tokens": 123}

    tasks.maintain_makes()

    document.refresh_from_db()
    assert document.status == Status.QUEUED


def test_deleted_workspaces_are_purged():
    make_document(make_workspace(), chunks=("one",))
    deleted = make_workspace()
    make_document(deleted, chunks=("two",))
    deleted.deleted = timezone.now() - timedelta(seconds=1)
    deleted.save()

    tasks.maintain_workspaces()

    assert Document.objects.get().workspace != deleted
    assert not type(deleted).objects.filter(pk=deleted.pk).exists()


def test_bytes_of_a_document_are_not_purged():
    document = make_document(make_workspace())

    tasks.maintain_bytes()

    assert blobs.path_of(document.blob_id).exists()
