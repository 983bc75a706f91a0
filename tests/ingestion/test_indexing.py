import threading
import time
from collections.abc import Iterator, Sequence

import pytest
from django.db import OperationalError, connection
from factories import make_workspace

from ingestion import indexing, publishing, queue, services
from ingestion.exceptions import ParsingCancelled, UnreadableDocument
from ingestion.indexing import index
from ingestion.leases import Lease
from ingestion.makes import make_of
from ingestion.models import Chunk, Document, Embedding
from ingestion.parsing import parse
from ingestion.parsing.elements import Parsed
from ingestion.terms import TERM_SPACE, term_id
from providers.exceptions import ModelNotFound, ProviderRefused, ProviderUnavailable
from providers.registry import connected

Status = Document.Status
pytestmark = pytest.mark.django_db


class Parser:
    """Parses here and now; `before` is called first."""

    def __init__(self) -> None:
        self.before = lambda: None

    def parse(self, path, media_type, *, name, password, progress, cancelled) -> Parsed:
        self.before()
        self.password = password
        if cancelled():
            raise ParsingCancelled
        progress(0.5)
        return parse(path, media_type, name=name, password=password)


class Model:
    """Three numbers for each text; `before` is called first."""

    id = "tests/model"
    dimensions = 3

    def __init__(self) -> None:
        self.before = lambda: None
        self.texts: list[str] = []

    def embed_documents(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        self.before()
        self.texts += texts
        return [[1.0, 0.0, 0.5] for _ in texts]


class Models:
    def __init__(self, model: Model) -> None:
        self.model = model

    def embedding_model(self, name: str) -> Model | None:
        return self.model if name == "model" else None


@pytest.fixture
def parser(monkeypatch) -> Parser:
    parser = Parser()
    monkeypatch.setattr(indexing, "parser_pool", lambda: parser)
    return parser


@pytest.fixture
def model() -> Iterator[Model]:
    model = Model()
    with connected("tests", Models(model)):
        yield model


@pytest.fixture
def workspace(parser, model):
    workspace = make_workspace()
    workspace.embedding_model = "tests/model"
    workspace.save()
    return workspace


@pytest.fixture
def claimed(workspace, given):
    """Return a function that adds a document and claims it."""

    def claimed(text: str = "# Wings\n\nLift is what wings make.", name: str = "wings.md") -> Document:
        services.add_documents(workspace=workspace, offers=[given(name, text.encode())], by=None)
        document = queue.claim_next()
        assert document is not None
        return document

    return claimed


def fresh(document: Document) -> Document:
    return Document.objects.get(pk=document.pk)


def test_a_document_becomes_chunks_with_terms_and_vectors(claimed, workspace):
    document = claimed()

    index(document)

    document = fresh(document)
    chunk = document.chunks.get()
    assert (document.status, document.stage, document.progress) == (Status.READY, None, 1.0)
    assert (document.chunk_count, document.error, document.claim) == (1, None, None)
    assert document.make == make_of(workspace)
    assert "Lift is what wings make." in chunk.text
    assert term_id(workspace.pk.int, "lift") in chunk.terms
    assert chunk.workspace == workspace
    vector = chunk.embeddings.get()
    assert vector.vector == [1.0, 0.0, 0.5]
    assert (vector.space.model, vector.space.dimensions, vector.workspace) == ("tests/model", 3, workspace)


def test_weights_and_terms_are_the_same_numbers(claimed):
    document = claimed()

    index(document)

    chunk = document.chunks.get()
    assert chunk.weights.dimensions() == TERM_SPACE
    # pgvector counts from 0 in Python and from 1 in SQL.
    assert {place + 1 for place in chunk.weights.indices()} == set(chunk.terms)
    assert all(weight > 0 for weight in chunk.weights.values())


def test_what_a_document_is_called_is_indexed_with_each_chunk(claimed, model):
    index(claimed("plain text", name="the-manual.txt"))

    assert model.texts == ["the-manual\nplain text"]


def test_indexing_twice_leaves_one_set_of_chunks(claimed):
    document = claimed("one")
    index(document)
    services.rename_document(fresh(document), name="renamed.txt")

    index(queue.claim_next())

    assert fresh(document).status == Status.READY
    assert [chunk.text for chunk in document.chunks.all()] == ["one"]
    assert Embedding.objects.count() == 1


def test_the_old_chunks_serve_until_the_new_ones_are_there(claimed, model, workspace):
    document = claimed("one")
    index(document)
    old = document.chunks.get()
    workspace.chunk_tokens = 60
    workspace.save()
    services.requeue_outdated(workspace)
    model.before = lambda: seen.append(list(document.chunks.all()))
    seen: list[list[Chunk]] = []

    index(queue.claim_next())

    assert seen == [[old]]
    assert document.chunks.get() != old


@pytest.mark.parametrize("action", ["cancel", "delete"])
def test_the_result_for_a_document_cancelled_or_deleted_in_the_meantime_is_dropped(claimed, model, action):
    document = claimed()
    same = fresh(document)
    model.before = lambda: (
        services.cancel_document(same) if action == "cancel" else services.delete_document(same, by=None)
    )

    index(document)

    assert not Chunk.objects.exists()
    assert [d.status for d in Document.objects.all()] == ([Status.CANCELLED] if action == "cancel" else [])


def test_a_worker_that_was_overtaken_changes_nothing(claimed, model):
    document = claimed()
    Document.objects.update(due="2020-01-01T00:00Z")
    winner = queue.claim_next()

    index(document)
    assert fresh(document).status == Status.PROCESSING
    assert not Chunk.objects.exists()

    index(winner)
    assert fresh(document).status == Status.READY


def test_a_lease_that_was_lost_ends_the_work_before_the_next_stage(claimed, model):
    document = claimed()
    lease = Lease(document)
    services.cancel_document(fresh(document))
    lease.beat()

    index(document, lease)

    assert model.texts == []
    assert fresh(document).status == Status.CANCELLED


def test_a_worker_that_has_to_stop_gives_its_document_back(claimed, parser):
    document = claimed()
    stopping = threading.Event()
    parser.before = stopping.set

    index(document, Lease(document, stopping))

    again = queue.claim_next()
    assert again == document
    assert again.takeovers == 0


def test_an_unreadable_document_fails_with_its_reason(claimed, parser):
    document = claimed()

    def unreadable():
        raise UnreadableDocument("no_text", "pictures")

    parser.before = unreadable

    index(document)

    error = fresh(document).error
    assert fresh(document).status == Status.FAILED
    assert error["code"] == "no_text"
    assert "pictures" in error["message"]


def test_a_provider_that_does_not_answer_postpones_the_document(claimed, model):
    document = claimed()

    def down():
        raise ProviderUnavailable("The model server does not answer.")

    model.before = down

    index(document)

    document = fresh(document)
    assert (document.status, document.attempts) == (Status.QUEUED, 1)
    assert document.error == {"code": "provider_unavailable", "message": "The model server does not answer."}
    assert queue.claim_next() is None


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ProviderRefused("The key was refused."), "provider_refused"),
        (ModelNotFound("elsewhere/model"), "model_not_found"),
        (RuntimeError("a mistake of ours"), "internal"),
    ],
)
def test_what_trying_again_does_not_help_fails_the_document_and_no_other(claimed, model, caplog, error, code):
    document = claimed()

    def broken():
        raise error

    model.before = broken

    index(document)

    document = fresh(document)
    assert document.status == Status.FAILED
    assert document.error["code"] == code
    assert "mistake of ours" not in document.error["message"]
    if code == "internal":
        assert "mistake of ours" in caplog.text


def test_a_model_that_is_not_there_is_named(claimed, workspace):
    document = claimed()
    document.workspace.embedding_model = "elsewhere/model"

    index(document)

    assert "elsewhere/model" in fresh(document).error["message"]


@pytest.mark.django_db(transaction=True)
def test_a_database_that_went_away_postpones_the_document(claimed, model, caplog):
    document = claimed()

    def gone():
        raise OperationalError("terminating connection")

    model.before = gone

    index(document)

    document = fresh(document)
    assert (document.status, document.attempts) == (Status.QUEUED, 1)
    assert document.error["code"] == "database_unavailable"


def test_a_password_reaches_the_parser(claimed, parser):
    document = claimed()
    Document.objects.update(status=Status.FAILED)
    services.retry_document(document, password="open sesame")

    index(queue.claim_next())

    assert parser.password == "open sesame"


def test_a_book_is_embedded_in_batches_with_progress(claimed, model):
    document = claimed("\n\n".join(f"Paragraph {n} " + "about lift and drag " * 60 for n in range(100)), "book.txt")
    lease = Lease(document)
    seen: list[tuple[str, float]] = []
    model.before = lambda: seen.append((lease.stage, lease.progress))

    index(document, lease)

    assert len(seen) > 1
    assert {stage for stage, _ in seen} == {"embed"}
    assert [progress for _, progress in seen] == sorted({progress for _, progress in seen})
    assert (lease.stage, fresh(document).chunk_count) == ("index", Chunk.objects.count())
    assert [chunk.position for chunk in document.chunks.all()] == list(range(document.chunks.count()))


@pytest.mark.django_db(transaction=True)
def test_who_cancels_a_document_while_it_is_published_does_not_wait(claimed, monkeypatch):
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
def test_deleting_a_document_while_it_is_published_leaves_nothing(claimed, model, monkeypatch):
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
    """Do it on a connection of its own, and be done within seconds."""

    def run():
        action()
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(5)
    assert not thread.is_alive()
