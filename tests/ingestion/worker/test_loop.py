import threading

import pytest
from support.factories import make_workspace

from embedded.health.heartbeat import stopping
from ingestion.models import Document
from ingestion.queue import claims
from ingestion.worker import loop
from ingestion.worker.loop import WorkspaceScheduler

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def indexed(monkeypatch):
    """The documents passed to indexing, which is replaced by a fake."""
    done: list[Document] = []

    def index_batch(leases):
        for lease in leases:
            done.append(lease.document)
            claims.held(lease.document).update(status=Document.Status.READY, claim=None)

    monkeypatch.setattr(loop, "index_batch", index_batch)
    monkeypatch.setattr(loop, "index", lambda document, lease: index_batch([lease]))
    return done


@pytest.fixture(autouse=True)
def _going_on():
    stopping.clear()
    yield
    stopping.clear()


def test_due_documents_are_indexed(queued, indexed):
    workspace = make_workspace()
    documents = [queued(workspace) for _ in range(3)]

    assert loop.index_waiting() == 3

    assert {document.pk for document in indexed} == {document.pk for document in documents}
    assert loop.index_waiting() == 0


@pytest.mark.parametrize(("waiting", "calls"), [(0, 0), (1, 0), (2, 1), (9, 1)])
def test_another_thread_is_woken_if_more_documents_are_due(queued, indexed, waiting, calls):
    workspace = make_workspace()
    for _ in range(waiting):
        queued(workspace, media_type="application/pdf")
    called: list[None] = []

    loop.index_waiting(wake_another=lambda: called.append(None))

    assert len(called) == calls


def test_another_thread_is_woken_repeatedly_while_documents_are_due(queued, indexed, monkeypatch):
    monkeypatch.setattr(loop, "WAKEUP_INTERVAL_SECONDS", 0.0)
    workspace = make_workspace()
    for _ in range(4):
        queued(workspace, media_type="application/pdf")
    called: list[None] = []

    loop.index_waiting(wake_another=lambda: called.append(None))

    assert len(called) == 3


def test_no_worker_is_woken_while_all_threads_are_busy(queued, indexed, settings, monkeypatch):
    settings.WORKER_THREADS = 1
    monkeypatch.setattr(loop, "WAKEUP_INTERVAL_SECONDS", 0.0)
    for _ in range(4):
        queued(make_workspace())
    called: list[None] = []

    loop.index_waiting(wake_another=lambda: called.append(None))

    assert called == [None]


def test_a_stopping_worker_claims_no_further_document(queued, indexed, monkeypatch):
    queued(make_workspace())
    queued(make_workspace())
    index = loop.index

    def index_and_be_stopped(document, lease):
        index(document, lease)
        stopping.set()

    monkeypatch.setattr(loop, "index", index_and_be_stopped)

    assert loop.index_waiting() == 1


def test_one_thread_is_reserved_for_other_workspaces(queued, settings):
    settings.WORKER_THREADS = 3
    busy, other = make_workspace(), make_workspace()
    for _ in range(4):
        queued(busy, media_type="application/pdf")
    scheduler = WorkspaceScheduler()

    first, second, third = scheduler.take(), scheduler.take(), scheduler.take()
    assert [document.workspace for document in first + second] == [busy, busy]
    assert third == []

    queued(other)
    assert [document.workspace for document in scheduler.take()] == [other]

    scheduler.release(first)
    assert [document.workspace for document in scheduler.take()] == [busy]


def test_a_single_thread_serves_every_workspace(queued, settings):
    settings.WORKER_THREADS = 1
    queued(make_workspace())

    assert WorkspaceScheduler().take()


def test_a_failed_indexing_run_releases_its_thread(queued, settings, monkeypatch):
    settings.WORKER_THREADS = 1

    def broken(document, lease):
        raise OSError("the database went away for good")

    monkeypatch.setattr(loop, "index", broken)
    queued(make_workspace())

    with pytest.raises(OSError, match="for good"):
        loop.index_waiting()

    assert not loop.scheduler._busy.total()
    assert threading.active_count() < 20
