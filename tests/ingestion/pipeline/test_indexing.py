from pathlib import Path

import pytest
from django.urls import reverse

from ingestion.documents import services
from ingestion.index.fingerprint import make_of
from ingestion.lexical_terms import TERM_SPACE, term_id
from ingestion.models import Chunk, Document, Embedding
from ingestion.pipeline.embedder import EMBED_PROGRESS, INDEX_PROGRESS
from ingestion.pipeline.indexing import index
from ingestion.queue import claims
from ingestion.queue.leases import Lease

Status = Document.Status
pytestmark = pytest.mark.django_db


def fresh(document: Document) -> Document:
    return Document.objects.get(pk=document.pk)


def test_a_document_becomes_chunks_with_terms_and_vectors(claimed, place):
    document = claimed()

    index(document)

    document = fresh(document)
    chunk = document.chunks.get()
    assert (document.status, document.stage, document.progress) == (Status.READY, None, 1.0)
    assert (document.chunk_count, document.error, document.claim) == (1, None, None)
    assert document.make == make_of(place)
    assert "Lift is what wings make." in chunk.text
    assert term_id(place.pk.int, "lift") in chunk.terms
    assert chunk.workspace == place
    vector = chunk.embeddings.get()
    assert vector.vector == [1.0, 0.0, 0.5]
    assert (vector.space.model, vector.space.dimensions, vector.workspace) == (
        "tests/model",
        3,
        place,
    )


def test_weights_and_terms_have_the_same_ids(claimed):
    document = claimed()

    index(document)

    chunk = document.chunks.get()
    assert chunk.weights.dimensions() == TERM_SPACE
    # pgvector counts from 0 in Python and from 1 in SQL.
    assert {place + 1 for place in chunk.weights.indices()} == set(chunk.terms)
    assert all(weight > 0 for weight in chunk.weights.values())


def test_the_title_is_indexed_with_each_chunk(claimed, model):
    index(claimed("plain text", name="the-manual.txt"))

    assert model.texts == ["the-manual\nplain text"]


def test_indexing_twice_leaves_one_set_of_chunks(claimed):
    document = claimed("one")
    index(document)
    services.rename_document(fresh(document), name="renamed.txt")

    index(claims.claim_next())

    assert fresh(document).status == Status.READY
    assert [chunk.text for chunk in document.chunks.all()] == ["one"]
    assert Embedding.objects.count() == 1


def test_the_old_chunks_serve_until_the_new_chunks_are_published(claimed, model, place):
    document = claimed(
        "\n\n".join(["Lift is what wings make, whatever the weather says of it."] * 6)
    )
    index(document)
    old = document.chunks.get()
    place.chunk_tokens = 60
    place.save()
    services.requeue_outdated(place)
    model.before = lambda: seen.append(list(document.chunks.all()))
    seen: list[list[Chunk]] = []

    index(claims.claim_next())

    assert seen == [[old]]
    assert old not in document.chunks.all()


def test_a_password_reaches_the_parser(claimed, parser):
    document = claimed()
    Document.objects.update(status=Status.FAILED)
    services.retry_document(document, password="open sesame")

    index(claims.claim_next())

    assert parser.password == "open sesame"


def test_a_book_is_embedded_in_batches_with_progress(claimed, model):
    document = claimed(
        "\n\n".join(f"Paragraph {n} " + "about lift and drag " * 60 for n in range(100)), "book.txt"
    )
    lease = Lease(document)
    seen: list[tuple[str, float]] = []
    model.before = lambda: seen.append((lease.stage, lease.progress))

    index(document, lease)

    assert len(seen) > 1
    assert {stage for stage, _ in seen} == {"embed"}
    assert all(EMBED_PROGRESS <= progress < INDEX_PROGRESS for _, progress in seen)
    assert (lease.stage, fresh(document).chunk_count) == ("index", Chunk.objects.count())
    assert [chunk.position for chunk in document.chunks.all()] == list(
        range(document.chunks.count())
    )


def test_footers_that_were_left_out_are_shown(
    workspace, reading, client, reader, given, parser, model
):
    workspace.embedding_model = "tests/model"
    workspace.save()
    page = (Path(__file__).parents[2] / "fixtures" / "lighthouse.pdf").read_bytes()
    services.add_documents(workspace=workspace, offers=[given("lighthouse.pdf", page)], by=None)

    index(claims.claim_next())

    document = Document.objects.get()
    assert document.repeated == [["Lighthouse Service - page 1", 3]]
    about = reading.get(f"/api/v1/workspaces/{workspace.slug}/documents/{document.pk}/").json()
    assert about["repeated"] == [{"text": "Lighthouse Service - page 1", "count": 3}]
    client.force_login(reader)
    shown = client.get(
        reverse("document_detail", args=[workspace.slug, document.pk])
    ).content.decode()
    assert "Removed running headers and footers: “Lighthouse Service - page 1” (3×)" in shown


def test_a_chunk_has_boxes_on_its_pages(place, given):
    page = (Path(__file__).parents[2] / "fixtures" / "lighthouse.pdf").read_bytes()
    services.add_documents(workspace=place, offers=[given("lighthouse.pdf", page)], by=None)

    index(claims.claim_next())

    chunks = Chunk.objects.order_by("position")
    assert all(chunk.boxes for chunk in chunks)
    for number, *sides in (box for chunk in chunks for box in chunk.boxes):
        assert number in {1, 2, 3}
        assert all(0 <= side <= 1 for side in sides)
