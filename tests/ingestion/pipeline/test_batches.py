"""Batches of small documents: claiming, results, and errors of single documents."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from support.factories import make_workspace

from ingestion.documents import services
from ingestion.errors.exceptions import UnreadableDocument
from ingestion.models import Chunk, Document, Embedding, Run
from ingestion.pipeline import indexing, publishing
from ingestion.pipeline.indexing import index, index_batch
from ingestion.queue import claims
from ingestion.queue.leases import Lease
from providers.exceptions import ProviderRefused, ProviderUnavailable

pytestmark = pytest.mark.django_db
Status = Document.Status


@pytest.fixture
def several(place, given):
    """Return a function that adds documents of these texts and claims them all."""

    def several(*texts: str) -> list[Document]:
        offers = [given(f"{number}.md", text.encode()) for number, text in enumerate(texts)]
        services.add_documents(workspace=place, offers=offers, by=None)
        documents = claims.claim_several()
        assert len(documents) == len(texts)
        return documents

    return several


def together(documents: list[Document]) -> list[Document]:
    """Index the documents as one batch; return their current rows."""
    index_batch([Lease(document) for document in documents])
    return [found for document in documents for found in Document.objects.filter(pk=document.pk)]


def made_of(document: Document) -> list[tuple[object, ...]]:
    chunks = Chunk.objects.filter(document=document).order_by("position")
    return [
        (
            *row[:-1],
            str(row[-1]),
            [str(vector) for vector in chunk.embeddings.values_list("vector", "text_hash")],
        )
        for chunk, row in zip(
            chunks,
            chunks.values_list(
                "position", "text", "headings", "start", "end", "boxes", "terms", "weights"
            ),
            strict=True,
        )
    ]


# --- Claiming a batch ---


def test_small_documents_of_a_workspace_are_claimed_in_one_batch_in_order(queued):
    workspace, other = make_workspace(), make_workspace()
    names = [
        queued(workspace, due=timezone.now() + timedelta(seconds=n - 60)).name
        for n in range(claims.CLAIM_BATCH_SIZE + 2)
    ]
    queued(other)

    taken = claims.claim_several(leaving_out=[other.pk])

    assert [document.name for document in taken] == names[: claims.CLAIM_BATCH_SIZE]
    assert all(document.status == Status.PROCESSING and document.waited for document in taken)
    assert {document.workspace for document in taken} == {workspace}
    assert [document.name for document in claims.claim_several(leaving_out=[other.pk])] == names[
        claims.CLAIM_BATCH_SIZE :
    ]


@pytest.mark.parametrize(
    "special",
    [
        {"media_type": "application/pdf"},
        {"media_type": "image/png"},
        {"media_type": "message/rfc822"},
        {"media_type": "application/msword"},
        {"media_type": "application/zip"},
        {"attempts": 1},
        {"takeovers": 1},
        {"chunk_count": 3},
        {"sealed_password": b"sealed"},
        {"status": Status.PROCESSING},
    ],
    ids=lambda special: next(iter(special)),
)
@pytest.mark.parametrize("first", [True, False])
def test_a_document_unsuited_to_a_batch_is_claimed_alone(queued, special, first):
    workspace = make_workspace()
    waiting = timezone.now() - timedelta(minutes=1)
    simple = [queued(workspace, due=waiting) for _ in range(2)]
    alone = queued(workspace, due=waiting + timedelta(seconds=-1 if first else 1), **special)

    taken = [claims.claim_several(), claims.claim_several()]

    assert taken == ([[alone], simple] if first else [simple, [alone]])


def test_a_large_document_is_claimed_alone(queued):
    workspace = make_workspace()
    large, small = queued(workspace), queued(workspace)
    large.blob.size = claims.MAX_BATCHED_BYTES + 1
    large.blob.save()

    assert {len(claims.claim_several()), len(claims.claim_several())} == {1}
    assert small.blob.size < claims.MAX_BATCHED_BYTES


# --- Results of a batch ---


def test_a_batch_gives_the_same_chunks_as_documents_indexed_alone(several, model):
    texts = [
        "# Wings\n\nLift.",
        "# Tail\n\nTrim.",
        "\n\n".join(f"# Part {n}\n\n{'Drag. ' * 300}" for n in range(3)),
    ]
    alone = []
    for document in several(*texts):
        index(document)
        alone.append(made_of(document))
    Document.objects.all().delete()
    model.texts.clear()

    ready = together(several(*texts))

    assert [document.status for document in ready] == [Status.READY] * 3
    assert [made_of(document) for document in ready] == alone
    assert [document.chunk_count for document in ready] == [len(rows) for rows in alone]
    assert len(model.texts) == sum(map(len, alone))


def test_each_document_of_a_batch_has_a_timeline_with_its_counts(several):
    documents = together(several("# Wings\n\nLift.", "# A\n\nOne.\n\n# B\n\nTwo."))

    for document in documents:
        run = Run.objects.get(document=document)
        counts = {step["stage"]: step.get("chunks") for step in run.steps}
        assert run.outcome == Run.Outcome.READY
        assert counts["split"] == counts["embed"] == counts["index"] == document.chunk_count


def test_texts_shared_within_a_batch_are_embedded_once(several, claimed, model):
    together(several("# Wings\n\nLift.", "# Wings\n\nLift."))
    assert len(model.texts) == 1

    index(claimed("# Wings\n\nLift.", "again.md"))
    assert len(model.texts) == 1
    assert Embedding.objects.count() == 3


# --- Errors within a batch ---


def test_a_slow_document_of_a_batch_is_indexed_last(several, parser, monkeypatch):
    documents = several("# Wings\n\nLift.", "# Body\n\nDrag.", "# Tail\n\nTrim.")
    ready_before: list[set[str]] = []

    def slow() -> None:
        ready_before.append(
            set(Document.objects.filter(status=Status.READY).values_list("name", flat=True))
        )
        monkeypatch.setattr(
            indexing, "BATCHED_PARSE_SECONDS", -1.0 if len(ready_before) == 1 else 5.0
        )

    monkeypatch.setattr(indexing, "BATCHED_PARSE_SECONDS", 5.0)
    parser.before = slow

    assert [document.status for document in together(documents)] == [Status.READY] * 3
    assert ready_before[-1] == {"0.md", "2.md"}
    assert len(ready_before) == 4


def test_an_unreadable_document_of_a_batch_fails_alone(several, parser):
    troubles = iter([None, UnreadableDocument("corrupt"), None])

    def before() -> None:
        if trouble := next(troubles):
            raise trouble

    parser.before = before

    documents = together(several("# Wings\n\nLift.", "# Body\n\nDrag.", "# Tail\n\nTrim."))

    assert [document.status for document in documents] == [
        Status.READY,
        Status.FAILED,
        Status.READY,
    ]
    assert documents[1].error["code"] == "corrupt"


@pytest.mark.parametrize("action", ["cancel", "delete", "take over"])
def test_a_lost_document_leaves_the_rest_of_the_batch_ready(several, model, action):
    documents = several("# Wings\n\nLift.", "# Body\n\nDrag.", "# Tail\n\nTrim.")
    lost = Document.objects.get(pk=documents[1].pk)

    def take_away() -> None:
        model.before = lambda: None
        if action == "cancel":
            services.cancel_document(lost)
        elif action == "delete":
            services.delete_document(lost, by=None)
        else:
            Document.objects.filter(pk=lost.pk).update(claim="11111111-1111-4111-8111-111111111111")

    model.before = take_away
    together(documents)

    left = {"cancel": Status.CANCELLED, "take over": Status.PROCESSING}.get(action)
    found = {document.name: document.status for document in Document.objects.all()}
    assert found == {"0.md": Status.READY, "2.md": Status.READY} | ({"1.md": left} if left else {})
    assert set(Chunk.objects.values_list("document__name", flat=True)) == {"0.md", "2.md"}


def test_a_document_refused_by_the_model_fails_alone(several, model):
    model.refuse(
        "secret", ProviderRefused("It did not accept the request.", code="provider_declined")
    )

    documents = together(
        several("# Wings\n\nLift.", "A secret.", "# A\n\nLift.\n\n# B\n\nA secret.")
    )

    assert [document.status for document in documents] == [
        Status.READY,
        Status.FAILED,
        Status.READY,
    ]
    assert documents[1].error["code"] == "provider_declined"
    assert documents[2].without_vector == 1


def test_an_unreachable_model_server_postpones_each_document(several, model):
    def away() -> None:
        raise ProviderUnavailable("The model server does not answer.")

    model.before = away

    documents = together(several("# Wings\n\nLift.", "# Tail\n\nTrim."))

    assert [(document.status, document.attempts) for document in documents] == [
        (Status.QUEUED, 1)
    ] * 2
    assert not Chunk.objects.exists()
    assert set(Run.objects.values_list("outcome", flat=True)) == {Run.Outcome.POSTPONED}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "fault", [OperationalError("away"), RuntimeError("a mistake of ours")], ids=str
)
def test_a_failed_batch_is_indexed_document_by_document(several, monkeypatch, fault):
    publish = publishing.publish

    def only_one(embedded):
        if len(embedded) > 1:
            raise fault
        return publish(embedded)

    monkeypatch.setattr(indexing, "publish", only_one)

    documents = together(several("# Wings\n\nLift.", "# Tail\n\nTrim."))

    assert [document.status for document in documents] == [Status.READY] * 2
    assert Run.objects.count() == 2


def test_a_stopping_worker_requeues_the_batch(several, model):
    documents = several("# Wings\n\nLift.", "# Tail\n\nTrim.")
    stopping = threading.Event()
    model.before = stopping.set

    index_batch([Lease(document, stopping) for document in documents])

    assert {document.pk for document in claims.claim_several()} == {
        document.pk for document in documents
    }
    assert not Document.objects.filter(takeovers__gt=0).exists()
    assert not Chunk.objects.exists()


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (ProviderUnavailable("It has too much to do.", code="provider_busy"), Status.QUEUED),
        (ProviderRefused("It does not take the key.", code="provider_unauthorized"), Status.FAILED),
    ],
    ids=lambda value: getattr(value, "code", None),
)
def test_a_model_server_error_ends_the_batch_after_one_call(several, model, fault, status):
    asked: list[None] = []

    def refuse() -> None:
        asked.append(None)
        raise fault

    model.before = refuse

    documents = together(several("# Wings\n\nLift.", "# Tail\n\nTrim.", "# Body\n\nDrag."))

    assert len(asked) == 1
    assert [(document.status, document.error["code"]) for document in documents] == [
        (status, fault.code)
    ] * 3


def test_a_text_that_breaks_the_model_server_is_postponed_alone(several, model):
    embed = model.embed_documents

    def embed_documents(texts):
        if any("bomb" in text for text in texts):
            raise ProviderUnavailable("It broke down.", code="provider_failing")
        return embed(texts)

    model.embed_documents = embed_documents

    documents = together(several("# Wings\n\nLift.", "A bomb.", "# Tail\n\nTrim."))

    assert [document.status for document in documents] == [
        Status.READY,
        Status.QUEUED,
        Status.READY,
    ]
    assert [document.attempts for document in documents] == [0, 1, 0]


def test_a_document_of_many_chunks_is_indexed_after_the_batch(several, model, monkeypatch):
    monkeypatch.setattr(indexing, "MAX_BATCHED_CHUNKS", 2)
    large = "\n\n".join(f"# Part {n}\n\n{'Drag. ' * 300}" for n in range(3))
    ready: list[set[str]] = []

    def look() -> None:
        ready.append({document.name for document in Document.objects.filter(status=Status.READY)})

    model.before = look

    documents = together(several(large, "# Wings\n\nLift.", "# Tail\n\nTrim."))

    assert ready == [set(), {"1.md", "2.md"}]
    assert {document.status for document in documents} == {Status.READY}
    assert Run.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_lost_database_connection_loses_no_document_of_a_batch(several, model):
    documents = several("# Wings\n\nLift.", "# Tail\n\nTrim.")

    def break_off() -> None:
        model.before = lambda: None
        with connection.cursor() as cursor, suppress(OperationalError):
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    model.before = break_off

    ready = together(documents)

    assert [document.status for document in ready] == [Status.READY] * 2
    assert all(document.takeovers == document.attempts == 0 for document in ready)


def test_abandoned_documents_are_claimed_one_by_one(several):
    documents = several("# Wings\n\nLift.", "# Tail\n\nTrim.")
    Document.objects.update(due=timezone.now() - timedelta(seconds=1))

    taken = [claims.claim_several(), claims.claim_several()]

    assert [len(each) for each in taken] == [1, 1]
    assert {each[0].pk for each in taken} == {document.pk for document in documents}
    assert [each[0].takeovers for each in taken] == [1, 1]
    assert together(documents)[0].status == Status.PROCESSING
    assert not Chunk.objects.exists()
