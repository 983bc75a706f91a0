"""Changes of the embedding model: the old space serves until all documents have new vectors."""

import pytest
from django.core.management import call_command
from support.factories import make_workspace
from support.failing_call import failing
from support.model_server import make_connection, make_model

from chat.retrieval import search
from ingestion.documents.services import add_documents, cancel_document, rename_document
from ingestion.index import active_space
from ingestion.models import Chunk, Document, EmbeddingSpace
from ingestion.pipeline.indexing import index
from ingestion.queue import claims
from ingestion.tasks import maintain_makes
from language.tokens import TokenRates
from providers.connections import cache
from providers.connections.services import change_model, delete_connection
from providers.exceptions import ProviderRefused, ProviderUnavailable
from providers.models import Connection, Model
from providers.protocols import FoundModel
from workspaces.models import Workspace
from workspaces.services import change_workspace, forget_connection

pytestmark = pytest.mark.django_db
SMALL, LARGE = "lab/small", "lab/large"


@pytest.fixture
def lab(served):
    connection = make_connection()
    make_model(connection, FoundModel("small", "embedding", dimensions=64))
    make_model(connection, FoundModel("large", "embedding", dimensions=4096))
    return served


@pytest.fixture
def room(lab, parser, owner):
    """A workspace of the small model with two documents in it."""
    workspace = make_workspace("Room", owner=owner)
    workspace.embedding_model = SMALL
    workspace.save()
    return workspace


@pytest.fixture
def filled(room, given):
    add(room, given, "lift.txt", b"Lift grows with the square of the speed.")
    add(room, given, "tail.txt", b"The tail keeps the aeroplane from pitching.")
    index_all()
    return room


def add(workspace, given, name, content):
    add_documents(workspace=workspace, offers=[given(name, content)], by=None)


def index_all(most=100):
    for _number in range(most):
        document = claims.claim_next()
        if document is None:
            return
        index(document)


def go_to(workspace, model, owner=None):
    fresh = Workspace.objects.get(pk=workspace.pk)
    return change_workspace(fresh, by=owner, embedding_model=model)


def spaces():
    return {space.model: space.embeddings.count() for space in EmbeddingSpace.objects.all()}


def searched(workspace, owner, query="Lift", mode="dense"):
    return search(owner, Workspace.objects.get(pk=workspace.pk), query, mode=mode)


def test_searches_use_the_old_model_until_every_document_has_new_vectors(filled, lab, owner):
    go_to(filled, LARGE)
    index_all(most=1)

    assert active_space.serving_space(filled).model == SMALL
    assert active_space.rebuilding(Workspace.objects.get()) == active_space.Rebuilding(
        LARGE, 1, 0, 2
    )
    assert len(searched(filled, owner).hits) == 2

    index_all()

    assert active_space.serving_space(filled).model == LARGE
    assert active_space.rebuilding(Workspace.objects.get()) is None
    found = searched(filled, owner)
    assert found.hits[0].document.name == "lift.txt"
    assert spaces() == {SMALL: 2, LARGE: 2}


def test_a_change_of_model_parses_no_document_and_keeps_chunks(filled, lab, parser):
    before = set(Chunk.objects.values_list("pk", flat=True))

    parser.before = failing(AssertionError("read again"))
    go_to(filled, LARGE)
    index_all()

    assert set(Chunk.objects.values_list("pk", flat=True)) == before
    assert set(Document.objects.values_list("status", flat=True)) == {"ready"}


def test_a_document_cancelled_before_its_new_vectors_keeps_the_old_vectors(filled, lab):
    go_to(filled, LARGE)
    document = claims.claim_next()
    cancel_document(Document.objects.get(pk=document.pk))

    index(document)

    assert [run.outcome for run in document.runs.all()] == ["cancelled", "ready"]
    assert spaces() == {SMALL: 2, LARGE: 0}


def test_a_model_with_a_short_context_gets_smaller_chunks(room, lab, given, owner, parser):
    make_model(
        Connection.objects.get(),
        FoundModel("short", "embedding", context_tokens=128, dimensions=64),
    )
    add(room, given, "tail.txt", b"The tail keeps the aeroplane from pitching. " * 100)
    index_all()
    before = Chunk.objects.count()

    go_to(room, "lab/short")
    index_all()

    assert Chunk.objects.count() > 2 * before
    assert active_space.serving_space(room).model == "lab/short"
    assert len(searched(room, owner, "tail").hits) > 1
    assert all(len(text) < 500 for model, text in lab.embedded if model == "lab/short")


def test_changed_token_rates_of_a_model_requeue_no_document(filled, lab):
    Model.objects.filter(name="small").update(
        token_rates=TokenRates(1, 1, 1, 1, 1, 1).as_row, context_tokens=100
    )
    cache.clear()

    maintain_makes()

    assert set(Document.objects.values_list("status", flat=True)) == {"ready"}
    assert claims.claim_next() is None


def test_old_vectors_are_purged_afterwards(filled, lab):
    go_to(filled, LARGE)
    maintain_makes()
    assert spaces() == {SMALL: 2}

    index_all()
    maintain_makes()

    assert spaces() == {SMALL: 0, LARGE: 2}


def test_documents_added_during_a_change_are_found_before_and_after(filled, lab, given, owner):
    go_to(filled, LARGE)
    add(Workspace.objects.get(), given, "new.txt", b"Rudders turn it.")
    new = Document.objects.get(name="new.txt")
    Document.objects.exclude(pk=new.pk).update(due="2100-01-01T00:00:00Z")
    index_all()

    assert active_space.serving_space(filled).model == SMALL
    assert "new.txt" in [hit.document.name for hit in searched(filled, owner, "Rudders").hits]

    Document.objects.update(due="2000-01-01T00:00:00Z")
    index_all()
    assert active_space.serving_space(filled).model == LARGE
    assert "new.txt" in [hit.document.name for hit in searched(filled, owner, "Rudders").hits]
    assert spaces() == {SMALL: 3, LARGE: 3}


def test_returning_to_the_old_model_during_a_change_restores_its_state(filled, lab, owner):
    go_to(filled, LARGE)
    index_all(most=1)
    go_to(filled, SMALL)
    index_all()
    maintain_makes()

    assert active_space.serving_space(filled).model == SMALL
    assert spaces() == {SMALL: 2, LARGE: 0}
    assert len(searched(filled, owner).hits) == 2


def test_documents_wait_for_an_unreachable_model(filled, lab, owner):
    lab.ill = ProviderUnavailable("Nobody there.")
    go_to(filled, LARGE)
    index_all()

    waiting = Document.objects.first()
    assert (waiting.status, waiting.attempts, waiting.error["message"]) == (
        "queued",
        1,
        "Nobody there.",
    )
    assert spaces()[SMALL] == 2

    lab.ill = None
    Document.objects.update(due="2000-01-01T00:00:00Z")
    index_all()
    assert active_space.serving_space(filled).model == LARGE
    assert Document.objects.first().error is None


def test_a_refused_change_of_model_keeps_the_old_vectors_until_another_choice(filled, lab, owner):
    lab.ill = ProviderRefused("The key was refused.")
    go_to(filled, LARGE)
    index_all()
    lab.ill = None

    failed = Document.objects.first()
    assert (failed.status, failed.error["message"]) == ("failed", "The key was refused.")
    assert active_space.rebuilding(Workspace.objects.get()).failed == 2
    assert len(searched(filled, owner).hits) == 2
    maintain_makes()
    assert Document.objects.first().status == "failed"

    go_to(filled, SMALL)
    index_all()
    assert set(Document.objects.values_list("status", flat=True)) == {"ready"}
    assert active_space.rebuilding(Workspace.objects.get()) is None


def test_a_search_without_its_model_uses_keywords_and_reports_the_error(filled, lab, owner):
    lab.ill = ProviderUnavailable("Nobody there.", code="provider_unreachable")

    found = searched(filled, owner, mode="hybrid")

    assert [hit.document.name for hit in found.hits] == ["lift.txt"]
    assert found.trace["dense_error"] == {
        "code": "provider_unreachable",
        "message": "Nobody there.",
    }


def test_vectors_of_another_size_than_before_are_not_compared(filled, lab, owner):
    EmbeddingSpace.objects.update(dimensions=32)

    assert searched(filled, owner, mode="hybrid").trace["dense_error"]["code"] == "other_vectors"


def test_documents_of_a_deleted_connection_are_embedded_by_the_default_model(filled, lab, owner):
    Connection.objects.all().delete()
    cache.forget()
    forget_connection("lab", by=owner)
    assert [hit.document.name for hit in searched(filled, owner, mode="hybrid").hits] == [
        "lift.txt"
    ]

    index_all()

    assert active_space.serving_space(filled).model == "builtin/static"
    assert len(searched(filled, owner).hits) == 2


def test_a_change_of_model_and_chunk_size_keeps_documents_searchable(filled, lab, owner, given):
    fresh = Workspace.objects.get()
    change_workspace(fresh, by=owner, embedding_model=LARGE, chunk_tokens=100, chunk_overlap=10)
    index_all(most=1)
    assert active_space.serving_space(filled).model == SMALL
    assert len(searched(filled, owner).hits) == 2

    index_all()
    assert active_space.serving_space(filled).model == LARGE
    assert len(searched(filled, owner).hits) == 2


def test_a_workspace_without_documents_changes_over_at_once(room, lab, given, owner):
    add(room, given, "one.txt", b"One.")
    index_all()
    Document.objects.all().delete()

    go_to(room, LARGE)

    assert active_space.serving_space(room) is None


def test_a_document_renamed_during_a_change_is_found_by_its_new_name(filled, lab):
    go_to(filled, LARGE)
    rename_document(Document.objects.get(name="lift.txt"), name="Auftrieb.txt")
    index_all()

    assert Document.objects.get(name="Auftrieb.txt").status == "ready"
    assert any("Auftrieb" in text for model, text in lab.embedded if model == LARGE)


@pytest.mark.parametrize("dimensions", [64, 1024, 4000, 5000])
def test_vectors_of_every_size_are_stored_and_found(room, lab, given, owner, dimensions):
    make_model(Connection.objects.get(), FoundModel("odd", "embedding", dimensions=dimensions))
    go_to(room, "lab/odd")
    add(Workspace.objects.get(), given, "lift.txt", b"Lift grows.")
    index_all()

    assert [hit.document.name for hit in searched(room, owner).hits] == ["lift.txt"]


def test_the_command_changes_the_model(filled, lab, monkeypatch, capsys):
    monkeypatch.setattr(
        "ingestion.management.commands.reembed.wait_for", lambda documents, seen: index_all()
    )

    call_command("reembed", workspace=filled.slug, model=LARGE)

    assert active_space.serving_space(filled).model == LARGE
    assert "All 2 documents have embeddings" in capsys.readouterr().out


def test_owners_see_the_progress_of_a_change(filled, lab, owner, browse):
    lab.ill = ProviderRefused("The key was refused.")
    go_to(filled, LARGE)
    index_all(most=1)
    lab.ill = None
    index_all()

    for page in ("settings", "documents"):
        shown = browse(owner).get(f"/w/{filled.slug}/{page}/").text
        assert "Embedding documents with lab/large: 1 of 2 done." in shown
        assert "1 document failed" in shown

    go_to(filled, SMALL)
    index_all()
    assert "being embedded" not in browse(owner).get(f"/w/{filled.slug}/settings/").text


def test_a_new_default_model_is_built_for_workspaces_without_a_choice(filled, admin):
    change_workspace(filled, by=None, embedding_model=None)
    index_all()

    change_model(Model.objects.get(name="small"), by=admin, is_default=True)

    assert Document.objects.filter(status="queued").count() == 2
    index_all()
    assert active_space.serving_space(filled).model == SMALL


def test_a_deleted_default_model_is_replaced_by_the_next(filled, admin):
    change_model(Model.objects.get(name="small"), by=admin, is_default=True)
    change_workspace(filled, by=None, embedding_model=None)

    delete_connection(Connection.objects.get(), by=admin)

    assert Document.objects.filter(status="queued").count() == 2
    index_all()
    assert active_space.serving_space(filled).model == "builtin/static"
