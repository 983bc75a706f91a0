import threading

import pytest
from django.db import OperationalError, connection
from django.utils.translation import override
from psycopg.errors import DiskFull
from support.factories import make_document, make_workspace

from audit.models import Event
from ingestion.documents import services
from ingestion.index.fingerprint import make_of
from ingestion.models import Chunk, Document, Embedding, EmbeddingSpace
from ingestion.queue import claims, wakeup
from ingestion.storage import blobs
from web.exceptions import Refusal

Status = Document.Status
pytestmark = pytest.mark.django_db


@pytest.fixture
def add(workspace, editor, django_capture_on_commit_callbacks):
    def add(*offers):
        with django_capture_on_commit_callbacks(execute=True):
            return services.add_documents(workspace=workspace, offers=offers, by=editor)

    return add


def test_an_added_document_is_stored_and_queued(add, given, editor, woken):
    (outcome,) = add(given("notes.txt", b"hello"))

    document = outcome.document
    assert not outcome.duplicate
    assert (document.name, document.media_type, document.status) == (
        "notes.txt",
        "text/plain",
        Status.QUEUED,
    )
    assert document.added_by == editor
    assert blobs.path_of(document.blob_id).read_bytes() == b"hello"
    assert woken == [wakeup.INDEX_WAITING]


def test_many_documents_wake_workers_once(add, given, woken):
    add(given("a.txt", b"a"), given("b.txt", b"b"), given("c.txt", b"c"))

    assert len(woken) == 1


def test_a_broker_that_is_down_does_not_fail_an_upload(add, given, monkeypatch):
    def down(name: str, **_: object) -> None:
        raise ConnectionError("broker")

    monkeypatch.setattr(wakeup.current_app, "send_task", down)

    (outcome,) = add(given("a.txt"))

    assert outcome.document.status == Status.QUEUED


def test_the_same_bytes_and_name_return_the_existing_document(add, given, woken):
    (first,) = add(given("a.txt", b"same"))
    woken.clear()

    (second,) = add(given("a.txt", b"same"))

    assert second.duplicate
    assert second.document == first.document
    assert Document.objects.count() == 1
    assert woken == []


def test_the_same_bytes_under_another_name_share_the_blob(add, given):
    first, second = add(given("a.txt", b"same"), given("b.txt", b"same"))

    assert first.document != second.document
    assert first.document.blob == second.document.blob


def test_the_same_name_with_other_bytes_is_another_document(add, given):
    first, second = add(given("a.txt", b"one"), given("a.txt", b"two"))

    assert first.document != second.document


def test_a_duplicate_of_a_failed_document_stays_failed(add, given):
    add(given("a.txt"))
    Document.objects.update(status=Status.FAILED, error_code="corrupt")

    (second,) = add(given("a.txt"))

    assert second.duplicate
    assert second.document.status == Status.FAILED


@pytest.mark.parametrize(
    ("name", "content", "code", "status"),
    [
        ("empty.txt", b"", "empty", 400),
        ("program.pdf", b"\x7fELF" + bytes(range(256)), "unsupported", 400),
        ("large.txt", b"x" * 2000, "too_large", 413),
    ],
)
def test_an_unreadable_file_is_refused_without_a_trace(
    add, given, settings, data_dir, name, content, code, status
):
    settings.MAX_DOCUMENT_BYTES = 1000

    good, bad = add(given("good.txt"), given(name, content))

    assert (bad.name, bad.code, bad.status) == (name, code, status)
    assert bad.message.endswith(".")
    assert isinstance(good, services.Added)
    assert list((data_dir / "tmp").iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_concurrent_equal_uploads_become_one_document(workspace, given):
    outcomes: list[services.Added | services.Refused] = []

    def upload() -> None:
        outcomes.extend(
            services.add_documents(workspace=workspace, offers=[given("a.txt")], by=None)
        )
        connection.close()

    threads = [threading.Thread(target=upload) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert Document.objects.count() == 1
    assert sorted(outcome.duplicate for outcome in outcomes) == [False, True, True, True, True]


def test_a_full_database_disk_is_reported_and_leaves_no_bytes(add, given, monkeypatch, data_dir):
    def full(**_):
        raise OperationalError("could not extend file") from DiskFull()

    monkeypatch.setattr(Document.objects, "create", full)

    (outcome,) = add(given("a.txt"))

    assert (outcome.code, outcome.status) == ("disk_full", 507)
    assert not [path for path in (data_dir / "blobs").rglob("*") if path.is_file()]


def test_another_database_error_is_raised(add, given, monkeypatch):
    def broken(**_):
        raise OperationalError("out of shared memory")

    monkeypatch.setattr(Document.objects, "create", broken)

    with pytest.raises(OperationalError):
        add(given("a.txt"))


@pytest.mark.parametrize("status", [Status.FAILED, Status.CANCELLED])
def test_a_failed_or_cancelled_document_can_be_retried(workspace, queued, status):
    document = queued(
        workspace, status=status, progress=0.4, error_code="corrupt", attempts=8, takeovers=6
    )

    document = services.retry_document(document)

    assert (document.status, document.progress, document.error) == (Status.QUEUED, 0.0, None)
    claimed = claims.claim_next()
    assert (claimed.attempts, claimed.takeovers) == (0, 0)


@pytest.mark.parametrize("status", [Status.QUEUED, Status.PROCESSING, Status.READY])
def test_a_waiting_or_ready_document_cannot_be_retried(workspace, queued, status):
    with pytest.raises(Refusal) as caught:
        services.retry_document(queued(workspace, status=status))

    assert (caught.value.code, caught.value.status) == ("not_failed", 409)


def test_a_password_is_never_stored_in_plain_text(workspace, queued):
    document = services.retry_document(
        queued(workspace, status=Status.FAILED), password="open sesame"
    )

    assert b"open sesame" not in bytes(document.sealed_password)


@pytest.mark.parametrize("status", [Status.QUEUED, Status.PROCESSING])
def test_an_unfinished_document_can_be_cancelled(workspace, queued, status):
    document = services.cancel_document(queued(workspace, status=status))

    assert document.status == Status.CANCELLED
    assert claims.claim_next() is None


@pytest.mark.parametrize("status", [Status.READY, Status.FAILED, Status.CANCELLED])
def test_a_finished_document_cannot_be_cancelled(workspace, queued, status):
    with pytest.raises(Refusal) as caught:
        services.cancel_document(queued(workspace, status=status))

    assert (caught.value.code, caught.value.status) == ("not_unfinished", 409)


def test_a_document_without_a_title_is_indexed_again_under_its_new_name(workspace):
    document = make_document(workspace, "old.txt", chunks=("one",))

    document = services.rename_document(document, name="folder/new.txt")

    assert (document.name, document.status) == ("folder/new.txt", Status.QUEUED)
    assert document.chunks.count() == 1


def test_a_document_with_a_title_only_changes_its_name(workspace):
    document = make_document(workspace, "old.txt")
    document.title = "On wings"
    document.save()

    document = services.rename_document(document, name="new.txt")

    assert (document.name, document.status) == ("new.txt", Status.READY)


def test_a_failed_document_that_is_renamed_stays_failed(workspace, queued):
    document = services.rename_document(queued(workspace, status=Status.FAILED), name="new.txt")

    assert document.status == Status.FAILED


def test_a_rename_to_the_name_of_equal_bytes_is_refused(workspace):
    make_document(workspace, "a.txt", text="same")
    document = make_document(workspace, "b.txt", text="same")

    with pytest.raises(Refusal) as caught:
        services.rename_document(document, name="a.txt")

    assert (caught.value.code, caught.value.status) == ("duplicate", 409)


def test_a_deleted_document_leaves_no_chunk_and_no_vector(workspace, owner):
    document = make_document(workspace, chunks=("one", "two"))
    other = make_document(workspace, chunks=("three",))
    space = EmbeddingSpace.objects.create(model="m", dimensions=2)
    for chunk in Chunk.objects.all():
        Embedding.objects.create(chunk=chunk, workspace=workspace, space=space, vector=[1, 2])

    services.delete_document(document, by=owner)

    assert [chunk.text for chunk in Chunk.objects.all()] == ["three"]
    assert [embedding.chunk.document for embedding in Embedding.objects.all()] == [other]
    assert Event.objects.get().action == "document.deleted"


def test_the_statements_of_a_deletion_do_not_grow_with_chunks(
    workspace, owner, django_assert_max_num_queries
):
    document = make_document(workspace, chunks=tuple(f"chunk {number}" for number in range(3000)))

    with django_assert_max_num_queries(18):
        services.delete_document(document, by=owner)

    assert not Chunk.objects.exists()


def test_a_second_deletion_is_ignored(workspace, owner):
    document = make_document(workspace)
    twin = Document.objects.get(pk=document.pk)

    services.delete_document(document, by=owner)
    services.delete_document(twin, by=owner)

    assert not Document.objects.exists()


def test_documents_with_an_outdated_fingerprint_are_requeued(workspace):
    current = make_document(workspace)
    Document.objects.update(make=make_of(workspace))
    outdated = make_document(workspace, chunks=("old",))
    failed = make_document(workspace)
    Document.objects.filter(pk=failed.pk).update(status=Status.FAILED)
    elsewhere = make_document(make_workspace())

    assert services.requeue_outdated(workspace) == 1

    assert Document.objects.get(status=Status.QUEUED) == outdated
    assert outdated.chunks.exists()
    assert (
        Document.objects.filter(status=Status.READY, pk__in=[current.pk, elsewhere.pk]).count() == 2
    )


def test_a_refusal_is_worded_in_the_language_of_the_reader(workspace, queued):
    document = queued(
        workspace, status=Status.FAILED, error_code="corrupt", error_details={"reason": ""}
    )

    with override("en"):
        assert "damaged" in document.error["message"]
