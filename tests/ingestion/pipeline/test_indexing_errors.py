import threading
import time
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection
from support.failing_call import failing

from ingestion.documents import services
from ingestion.errors.exceptions import UnreadableDocument
from ingestion.models import Chunk, Document, Embedding
from ingestion.pipeline import publishing
from ingestion.pipeline.indexing import index
from ingestion.queue import claims
from ingestion.queue.leases import Lease
from ingestion.storage import blobs
from providers.exceptions import ModelNotFound, ProviderRefused, ProviderUnavailable

Status = Document.Status
pytestmark = pytest.mark.django_db


def fresh(document: Document) -> Document:
    return Document.objects.get(pk=document.pk)


@pytest.mark.parametrize("action", ["cancel", "delete"])
def test_the_result_for_a_cancelled_or_deleted_document_is_dropped(claimed, model, action):
    document = claimed()
    same = fresh(document)
    model.before = lambda: (
        services.cancel_document(same)
        if action == "cancel"
        else services.delete_document(same, by=None)
    )

    index(document)

    assert not Chunk.objects.exists()
    assert [d.status for d in Document.objects.all()] == (
        [Status.CANCELLED] if action == "cancel" else []
    )


def test_a_worker_without_its_claim_publishes_no_chunks(claimed, model):
    document = claimed()
    Document.objects.update(due="2020-01-01T00:00Z")
    winner = claims.claim_next()

    index(document)
    assert fresh(document).status == Status.PROCESSING
    assert not Chunk.objects.exists()

    index(winner)
    assert fresh(document).status == Status.READY


def test_a_lost_lease_ends_indexing_before_the_next_stage(claimed, model):
    document = claimed()
    lease = Lease(document)
    services.cancel_document(fresh(document))
    lease.renew()

    index(document, lease)

    assert model.texts == []
    assert fresh(document).status == Status.CANCELLED


def test_a_stopping_worker_requeues_its_document(claimed, parser):
    document = claimed()
    stopping = threading.Event()
    parser.before = stopping.set

    index(document, Lease(document, stopping))

    again = claims.claim_next()
    assert again == document
    assert again.takeovers == 0


def test_an_unreadable_document_fails_with_its_reason(claimed, parser):
    document = claimed()

    parser.before = failing(UnreadableDocument("no_text", "ocr_off"))

    index(document)

    error = fresh(document).error
    assert fresh(document).status == Status.FAILED
    assert error["code"] == "no_text"
    assert "images" in error["message"]


def test_an_unavailable_provider_postpones_the_document(claimed, model):
    document = claimed()

    model.before = failing(ProviderUnavailable("The model server does not answer."))

    index(document)

    document = fresh(document)
    assert (document.status, document.attempts) == (Status.QUEUED, 1)
    assert document.error == {
        "code": "provider_unavailable",
        "message": "The model server does not answer.",
    }
    assert claims.claim_next() is None


def test_a_disk_that_is_nearly_full_postpones_the_document(claimed, monkeypatch):
    document = claimed()
    monkeypatch.setattr(blobs.shutil, "disk_usage", lambda _: SimpleNamespace(free=0))

    index(document)

    assert fresh(document).status == Status.QUEUED
    assert fresh(document).error["code"] == "disk_full"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ProviderRefused("The key was refused."), "provider_refused"),
        (ModelNotFound("elsewhere/model"), "model_not_found"),
        (RuntimeError("a mistake of ours"), "internal"),
    ],
)
def test_permanent_errors_fail_one_document_and_no_other(claimed, model, caplog, error, code):
    document = claimed()

    model.before = failing(error)

    index(document)

    document = fresh(document)
    assert document.status == Status.FAILED
    assert document.error["code"] == code
    assert "mistake of ours" not in document.error["message"]
    if code == "internal":
        assert "mistake of ours" in caplog.text


def test_a_missing_model_is_named_in_the_error(claimed, place):
    document = claimed()
    document.workspace.embedding_model = "elsewhere/model"

    index(document)

    assert "elsewhere/model" in fresh(document).error["message"]


@pytest.mark.django_db(transaction=True)
def test_a_lost_database_connection_postpones_the_document(claimed, model, caplog):
    document = claimed()

    model.before = failing(OperationalError("terminating connection"))

    index(document)

    document = fresh(document)
    assert (document.status, document.attempts) == (Status.QUEUED, 1)
    assert document.error["code"] == "database_unavailable"


@pytest.mark.django_db(transaction=True)
def test_a_connection_lost_during_copy_postpones_the_document(claimed, monkeypatch):
    document = claimed()
    rows = publishing._chunk_rows

    def dying(*args):
        with connection.cursor() as cursor:
            backend = cursor.connection.info.backend_pid
        in_another_thread(lambda: terminate(backend))
        yield from rows(*args)

    monkeypatch.setattr(publishing, "_chunk_rows", dying)

    index(document)

    assert fresh(document).status == Status.QUEUED
    assert fresh(document).error["code"] == "database_unavailable"


def terminate(backend: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])


@pytest.mark.django_db(transaction=True)
def test_cancelling_a_document_during_publishing_does_not_wait(claimed, monkeypatch):
    document = claimed("one two three")
    insert = publishing._insert

    def cancelled_meanwhile(*args):
        insert(*args)
        in_another_thread(lambda: services.cancel_document(fresh(document)))

    monkeypatch.setattr(publishing, "_insert", cancelled_meanwhile)

    index(document)

    assert fresh(document).status == Status.CANCELLED
    assert not Chunk.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_deleting_a_document_during_publishing_leaves_no_chunks(claimed, model, monkeypatch):
    document = claimed()
    started = threading.Event()
    insert = publishing._insert

    def slowly(*args):
        insert(*args)
        started.set()
        time.sleep(0.3)

    monkeypatch.setattr(publishing, "_insert", slowly)
    deletion = threading.Thread(target=_delete_when, args=(started, document.pk))
    deletion.start()

    index(document)
    deletion.join(10)

    assert not Document.objects.exists()
    assert not Chunk.objects.exists()
    assert not Embedding.objects.exists()


def _delete_when(started, pk):
    started.wait(10)
    services.delete_document(Document.objects.get(pk=pk), by=None)
    connection.close()


def in_another_thread(action) -> None:
    """Run the function on a separate connection within seconds."""

    def run():
        action()
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(5)
    assert not thread.is_alive()
