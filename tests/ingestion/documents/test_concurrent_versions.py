"""A new version during another change, in threads with separate connections."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from django.db import connection
from django.db.models.functions import Now

from ingestion.documents import services, versions
from ingestion.models import Chunk, Document, Embedding, PastChunk, Version
from ingestion.pipeline import indexing, publishing
from ingestion.queue import claims

Status = Document.Status
pytestmark = pytest.mark.django_db(transaction=True)
OLD, NEW, NEWEST = "Dogs must be on a lead.", "Dogs may run free.", "No dogs."
THREAD_TIMEOUT_SECONDS = 60


@pytest.fixture
def add(place, given):
    def add(content: str) -> Document:
        (outcome,) = services.add_documents(
            workspace=place, offers=[given("rules.md", content.encode())], by=None
        )
        assert isinstance(outcome, services.Added)
        return outcome.document

    return add


@pytest.fixture
def served(add) -> Document:
    document = add(OLD)
    read()
    return document


@pytest.fixture
def while_publishing(monkeypatch):
    """Return a function that runs a callback in the middle of the next swap."""
    set_aside = versions.set_aside
    once: list[Callable[[], object]] = []

    def set_aside_and_more(document: Document) -> None:
        set_aside(document)
        if once:
            publishing.delete_chunks(document)
            once.pop()()

    monkeypatch.setattr(publishing.versions, "set_aside", set_aside_and_more)
    return once.append


def read() -> None:
    while (document := claims.claim_next()) is not None:
        indexing.index(document)


def elsewhere(function: Callable[[], object]) -> threading.Thread:
    """Call `function` in another thread."""

    def run() -> None:
        try:
            function()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def at_once(function: Callable[[], object]) -> None:
    """Call `function` in another thread, which must not wait for this one."""
    thread = elsewhere(function)
    thread.join(THREAD_TIMEOUT_SECONDS)
    assert not thread.is_alive()


def until_somebody_waits() -> None:
    """Return once another connection waits for a lock."""
    deadline = time.monotonic() + THREAD_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits")


def found() -> list[str]:
    """Return the searchable texts, each of which must have a vector."""
    assert Embedding.objects.count() == Chunk.objects.count()
    return list(Chunk.objects.values_list("text", flat=True))


def state(document: Document) -> tuple[object, ...]:
    document.refresh_from_db()
    return document.version, document.serving, document.status


def test_concurrent_uploads_of_one_name_become_versions_of_one_document(add):
    threads = [elsewhere(lambda content=f"Rule {number}.": add(content)) for number in range(6)]
    for thread in threads:
        thread.join(THREAD_TIMEOUT_SECONDS)

    document = Document.objects.get()
    read()

    assert state(document) == (6, 6, Status.READY)
    assert sorted(Version.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert found() == [document.blob and document.chunks.get().text]


def test_readers_see_no_new_chunk_before_the_commit(add, served, while_publishing):
    seen: list[list[str]] = []
    add(NEW)
    while_publishing(lambda: at_once(lambda: seen.append(found())))

    read()

    assert seen == [[OLD]]
    assert found() == [NEW]


def test_a_newer_upload_during_the_swap_wins(add, served, while_publishing):
    add(NEW)
    while_publishing(lambda: at_once(lambda: add(NEWEST)))

    indexing.index(claims.claim_next())
    assert state(served) == (3, 1, Status.QUEUED)
    assert found() == [OLD]
    assert not PastChunk.objects.exists()
    read()

    assert state(served) == (3, 3, Status.READY)
    assert found() == [NEWEST]


def test_a_cancellation_during_the_swap_keeps_the_old_version(add, served, while_publishing):
    document = add(NEW)
    while_publishing(lambda: at_once(lambda: services.cancel_document(document)))

    read()

    assert state(served) == (1, 1, Status.READY)
    assert found() == [OLD]


def test_a_deletion_during_the_swap_waits_and_leaves_no_rows(add, served, while_publishing):
    waiting: list[threading.Thread] = []

    def delete() -> None:
        thread = elsewhere(lambda: services.delete_document(document, by=None))
        until_somebody_waits()
        waiting.append(thread)

    document = add(NEW)
    while_publishing(delete)

    read()
    waiting[0].join(THREAD_TIMEOUT_SECONDS)

    assert not Document.objects.exists()
    assert found() == []
    assert not Version.objects.exists()
    assert not PastChunk.objects.exists()


def test_a_version_deleted_during_its_swap_is_not_published(add, served, while_publishing):
    document = add(NEW)
    while_publishing(lambda: at_once(lambda: versions.delete(document, 2, by=None)))

    read()

    assert state(served) == (1, 1, Status.READY)
    assert found() == [OLD]


def test_an_interrupted_swap_is_rolled_back(add, served, while_publishing):
    def cut_off() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            backend = cursor.fetchone()[0]
        at_once(lambda: connection.cursor().execute("SELECT pg_terminate_backend(%s)", [backend]))

    add(NEW)
    while_publishing(cut_off)

    indexing.index(claims.claim_next())
    assert state(served) == (2, 1, Status.QUEUED)
    assert found() == [OLD]
    Document.objects.update(due=Now())
    read()

    assert state(served) == (2, 2, Status.READY)
    assert found() == [NEW]


def test_a_worker_on_an_outdated_version_publishes_no_chunks(add, served):
    add(NEW)
    late = claims.claim_next()
    add(NEWEST)
    read()

    indexing.index(late)

    assert state(served) == (3, 3, Status.READY)
    assert found() == [NEWEST]


def test_a_concurrent_upload_and_deletion_leave_a_document_or_none(add, served):
    threads = [
        elsewhere(lambda: add(NEW)),
        elsewhere(lambda: services.delete_document(served, by=None)),
    ]
    for thread in threads:
        thread.join(THREAD_TIMEOUT_SECONDS)

    read()

    assert found() in ([], [NEW])
    assert list(Document.objects.values_list("status", flat=True)) in ([], [Status.READY])


def test_a_rename_during_an_equal_upload_leaves_one_document(place, add, given):
    offers = [given("other.md", OLD.encode())]
    (other,) = services.add_documents(workspace=place, offers=offers, by=None)

    def rename() -> None:
        with suppress(services.Refusal):
            services.rename_document(other.document, name="rules.md")

    threads = [elsewhere(rename), elsewhere(lambda: add(OLD))]
    for thread in threads:
        thread.join(THREAD_TIMEOUT_SECONDS)

    assert Document.objects.filter(name="rules.md").count() == 1
