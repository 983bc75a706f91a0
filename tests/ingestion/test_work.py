import threading

import pytest
from factories import make_workspace

from embedded.pulse import stopping
from ingestion import queue, work
from ingestion.models import Document
from ingestion.work import Desk

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def indexed(monkeypatch):
    """The documents that were worked on; indexing itself is another matter."""
    done: list[Document] = []

    def index(document, lease):
        done.append(document)
        queue.held(document).update(status=Document.Status.READY, claim=None)

    monkeypatch.setattr(work, "index", index)
    return done


@pytest.fixture(autouse=True)
def _going_on():
    stopping.clear()
    yield
    stopping.clear()


def test_all_documents_that_are_due_are_indexed(queued, indexed):
    workspace = make_workspace()
    documents = [queued(workspace) for _ in range(3)]

    assert work.index_waiting() == 3

    assert {document.pk for document in indexed} == {document.pk for document in documents}
    assert work.index_waiting() == 0


@pytest.mark.parametrize(("waiting", "calls"), [(0, 0), (1, 0), (2, 1), (9, 1)])
def test_another_thread_is_called_once_where_more_is_due(queued, indexed, waiting, calls):
    workspace = make_workspace()
    for _ in range(waiting):
        queued(workspace)
    called: list[None] = []

    work.index_waiting(call_another=lambda: called.append(None))

    assert len(called) == calls


def test_a_worker_that_is_told_to_stop_takes_no_further_document(queued, indexed, monkeypatch):
    workspace = make_workspace()
    queued(workspace)
    queued(workspace)
    index = work.index

    def index_and_be_stopped(document, lease):
        index(document, lease)
        stopping.set()

    monkeypatch.setattr(work, "index", index_and_be_stopped)

    assert work.index_waiting() == 1


def test_one_thread_is_left_to_other_workspaces(queued, settings):
    settings.WORKER_THREADS = 3
    busy, other = make_workspace(), make_workspace()
    for _ in range(4):
        queued(busy)
    desk = Desk()

    first, second, third = desk.take(), desk.take(), desk.take()
    assert [document.workspace for document in (first, second)] == [busy, busy]
    assert third is None

    queued(other)
    assert desk.take().workspace == other

    desk.leave(first)
    assert desk.take().workspace == busy


def test_a_single_thread_serves_everybody(queued, settings):
    settings.WORKER_THREADS = 1
    queued(make_workspace())

    assert Desk().take() is not None


def test_work_that_breaks_down_leaves_its_seat(queued, settings, monkeypatch):
    settings.WORKER_THREADS = 1

    def broken(document, lease):
        raise OSError("the database went away for good")

    monkeypatch.setattr(work, "index", broken)
    queued(make_workspace())

    with pytest.raises(OSError, match="for good"):
        work.index_waiting()

    assert not work.desk._served_enough()
    assert threading.active_count() < 20
