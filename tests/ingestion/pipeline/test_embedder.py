"""The embedding stage: known vectors, concurrent batches, refused texts, vector sizes."""

import threading

import pytest
from support.factories import make_workspace

from ingestion.documents import purging, services
from ingestion.index import spaces, vector_cache
from ingestion.models import Chunk, Document, Embedding, UnpublishedVector
from ingestion.pipeline import embedder
from ingestion.pipeline.indexing import index
from ingestion.queue import claims
from ingestion.queue.leases import Lease, LeaseLost
from providers.exceptions import ProviderRefused, ProviderUnavailable

pytestmark = pytest.mark.django_db
Status = Document.Status
TITLED = "# Wings\n\nLift is what wings make."
REFUSED = ProviderRefused("It did not accept the request.", code="provider_declined")
FAILING = ProviderUnavailable("It has trouble of its own.", code="provider_failing")


def book(paragraphs: int, word: str = "") -> str:
    """A document of as many chunks as it has paragraphs."""
    return "\n\n".join(
        f"Paragraph {n}. " + f"{word if n == 5 else 'Lift'} and drag. " * 90
        for n in range(paragraphs)
    )


def indexed(document: Document) -> Document:
    index(document)
    document.refresh_from_db()
    assert document.status == Status.READY, document.error
    return document


def vectors_of(document: Document) -> list[object]:
    found = Embedding.objects.filter(chunk__document=document).order_by("chunk__position")
    return list(found.values_list("chunk__position", "vector"))


# --- Known vectors ---


def test_equal_texts_of_a_workspace_are_embedded_once(claimed, model):
    first = indexed(claimed(TITLED, "wings.md"))
    second = indexed(claimed(TITLED, "copy of wings.md"))

    assert len(model.texts) == 1
    assert vectors_of(second) == vectors_of(first)


def test_equal_texts_under_different_titles_are_embedded_separately(claimed, model):
    indexed(claimed("plain text", "the-manual.txt"))
    indexed(claimed("plain text", "a-handbook.txt"))

    assert len(model.texts) == 2


def test_chunks_unchanged_by_a_new_version_keep_their_vectors(claimed, model):
    indexed(claimed(book(12), "book.txt"))
    before = len(model.texts)

    indexed(claimed(book(12, "Thrust"), "book.txt"))

    assert 1 <= len(model.texts) - before <= 3


def test_vectors_are_not_reused_in_other_workspaces(claimed, model, place, given):
    indexed(claimed(TITLED))
    other = make_workspace()
    other.embedding_model = "tests/model"
    other.save()
    services.add_documents(workspace=other, offers=[given("wings.md", TITLED.encode())], by=None)

    indexed(claims.claim_next())

    assert len(model.texts) == 2


def test_equal_texts_within_a_document_are_embedded_once(claimed, model):
    document = indexed(
        claimed("\n\n".join(["# Same\n\n" + "The same words. " * 90] * 3), "rows.md")
    )

    assert document.chunk_count > len(model.texts)
    assert Embedding.objects.count() == document.chunk_count


def test_vectors_of_a_built_in_model_are_not_cached(claimed, place):
    place.embedding_model = "builtin/static"
    place.save()

    indexed(claimed(TITLED))

    assert Embedding.objects.get().text_hash is None


def test_a_retry_embeds_only_missing_texts(claimed, model, settings):
    settings.EMBEDDINGS_AT_ONCE = 1
    document = claimed(book(100), "book.txt")

    def away():
        if len(model.texts) >= 64:
            raise ProviderUnavailable("Nobody there.", code="provider_unreachable")

    model.before = away
    index(document)
    made = len(model.texts)
    assert made >= 64
    assert UnpublishedVector.objects.count() > 0
    model.before = lambda: None
    Document.objects.update(due="2020-01-01T00:00Z")

    document = indexed(claims.claim_next())

    assert len(model.texts) < made + document.chunk_count - 30
    assert Embedding.objects.count() == document.chunk_count
    assert not UnpublishedVector.objects.exists()


def test_vectors_kept_for_a_retry_are_purged(claimed, model, place):
    document = claimed()
    space = spaces.space_of("tests/model", 3)
    for text in ("old", "new"):
        vector_cache.keep_for_another_try(document, space, {vector_cache.hash_of(text): [1, 2, 3]})
    UnpublishedVector.objects.filter(text_hash=vector_cache.hash_of("old")).update(
        created="2020-01-01T00:00Z"
    )

    purging.purge_bytes()

    assert UnpublishedVector.objects.count() == 1
    services.delete_document(document, by=None)
    assert not UnpublishedVector.objects.exists()


# --- Several batches at once ---


def test_several_batches_are_embedded_at_once_and_stay_in_order(
    claimed, model, settings, monkeypatch
):
    settings.EMBEDDINGS_AT_ONCE = 3
    together = threading.Barrier(2)
    embed = model.embed_documents

    def embed_documents(texts):
        if len(texts) > 20:
            together.wait(30)  # Raises unless two batches are embedded at the same time.
        return [[float(len(text)), 1.0, 1.0] for text in embed(texts) and texts]

    model.embed_documents = embed_documents
    paragraphs = (f"Paragraph {n}. " + "x" * n + " Lift and drag." * 90 for n in range(64))
    document = indexed(claimed("\n\n".join(paragraphs), "book.txt"))

    lengths = {chunk.position: len(f"book\n{chunk.text}") for chunk in document.chunks.all()}
    assert document.chunk_count > 40
    assert {position: vector[0] for position, vector in vectors_of(document)} == pytest.approx(
        lengths, abs=1
    )


def test_a_cancellation_does_not_wait_for_the_model_server(claimed, model):
    document = claimed(book(100), "book.txt")
    lease = Lease(document)
    held = threading.Event()

    def hang():
        lease._lost.set()
        held.wait(30)

    model.before = hang
    try:
        with pytest.raises(LeaseLost):
            embedder.embed_texts(
                [document],
                [f"text {n}" for n in range(200)],
                "tests/model",
                lambda *_: lease.report("embed", 0),
            )
    finally:
        held.set()


# --- Texts that cannot be embedded ---


@pytest.mark.parametrize("fault", [REFUSED, FAILING])
def test_a_chunk_that_cannot_be_embedded_is_found_by_its_words(claimed, model, fault):
    model.refuse("Thrust", fault)

    document = indexed(claimed(book(60, "Thrust"), "book.txt"))

    missing = Chunk.objects.filter(embeddings__isnull=True)
    assert [("Thrust" in chunk.text, len(chunk.terms) > 0) for chunk in missing] == [
        (True, True)
    ] * len(missing)
    assert document.without_vector == len(missing) >= 1
    assert document.error is None


@pytest.mark.parametrize("paragraphs", [1, 60])
def test_a_document_without_any_vector_fails_with_a_reason(claimed, model, paragraphs):
    model.refuse("", REFUSED)
    document = claimed(book(paragraphs), "book.txt")

    index(document)

    document.refresh_from_db()
    assert (document.status, document.error["message"]) == (
        Status.FAILED,
        "It did not accept the request.",
    )


def test_a_failing_server_postpones_the_document(claimed, model, settings):
    settings.EMBEDDINGS_AT_ONCE = 1

    def failing():
        if model.texts:
            raise FAILING

    model.before = failing
    document = claimed(book(100), "book.txt")

    index(document)

    document.refresh_from_db()
    assert (document.status, document.attempts) == (Status.QUEUED, 1)


def test_the_retry_delay_of_a_server_is_respected(claimed, model):
    def busy():
        fault = ProviderUnavailable("Busy.", code="provider_busy")
        fault.after = 300.0
        raise fault

    model.before = busy
    document = claimed()

    index(document)

    document.refresh_from_db()
    assert (document.due - document.claimed_at).total_seconds() == pytest.approx(300, abs=60)


def test_a_refusal_unrelated_to_texts_fails_the_document_at_once(claimed, model, settings):
    settings.EMBEDDINGS_AT_ONCE = 1
    asked = []

    def refused():
        asked.append(1)
        raise ProviderRefused("The key was refused.", code="provider_key_refused")

    model.before = refused
    document = claimed(book(200), "book.txt")

    index(document)

    document.refresh_from_db()
    assert document.error["code"] == "provider_key_refused"
    assert len(asked) <= 3


# --- The size of vectors ---


def test_a_model_with_another_vector_size_gets_a_new_space(claimed, model, place):
    first = indexed(claimed(TITLED, "wings.md"))
    model.dimensions = 4
    model.embed_documents = lambda texts: [[1.0, 0.0, 0.5, 0.5] for _ in texts]

    indexed(claimed("Tails steer.", "tails.txt"))
    assert services.requeue_outdated(place) == 1
    indexed(claims.claim_next())

    sizes = Embedding.objects.filter(chunk__document=first).values_list(
        "space__dimensions", flat=True
    )
    assert sorted(sizes) == [3, 4]
    assert services.requeue_outdated(place) == 0


def test_a_model_that_returns_to_its_vector_size_uses_the_old_space(claimed, model, place):
    three = spaces.space_of("tests/model", 3)
    four = spaces.space_of("tests/model", 4)
    assert spaces.dimensions_of("tests/model") == 4

    assert spaces.space_of("tests/model", 3) == three != four

    assert spaces.dimensions_of("tests/model") == 3
