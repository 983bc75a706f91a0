"""Versions of a document; concurrent changes are in test_concurrent_versions."""

import pytest
from django.http import Http404
from support.factories import make_user
from support.failing_call import failing

from audit.models import Event
from ingestion.documents import purging, services, versions
from ingestion.documents.versions import OnConflict
from ingestion.index.fingerprint import make_of
from ingestion.models import Chunk, Document, Embedding, PastChunk, Version
from ingestion.queue import claims
from ingestion.storage import blobs
from web.exceptions import Refusal

Status = Document.Status
pytestmark = pytest.mark.django_db


@pytest.fixture
def served(add, read) -> Document:
    """A document whose first version serves."""
    document = add("Dogs must be on a lead.").document
    read()
    document.refresh_from_db()
    return document


def texts(document: Document) -> list[str]:
    return list(document.chunks.order_by("position").values_list("text", flat=True))


def state(document: Document) -> tuple[object, ...]:
    document.refresh_from_db()
    return document.version, document.serving, document.status


def test_an_upload_of_the_same_name_is_a_new_version(served, add, woken):
    outcome = add("Dogs may run free.")

    assert (outcome.document.pk, outcome.duplicate, outcome.is_news) == (served.pk, False, True)
    assert state(served) == (2, 1, Status.QUEUED)
    assert Document.objects.count() == 1


def test_the_previous_version_serves_until_the_new_version_is_ready(served, add, read):
    add("Dogs may run free.")
    assert texts(served) == ["Dogs must be on a lead."]

    read()

    assert state(served) == (2, 2, Status.READY)
    assert texts(served) == ["Dogs may run free."]
    assert Embedding.objects.count() == 1


def test_chunks_of_an_old_version_are_kept_for_citations_but_not_searched(served, add, read):
    served.chunks.update(boxes=[[1, 0.1, 0.2, 0.3, 0.4]])
    chunk = served.chunks.get()
    add("Dogs may run free.")
    read()
    served.refresh_from_db()

    (past,) = versions.chunks_of(served, 1)

    for name in (
        "pk",
        "position",
        "text",
        "headings",
        "page_from",
        "page_to",
        "start",
        "end",
        "boxes",
    ):
        assert getattr(past, name) == getattr(chunk, name)
    assert not Chunk.objects.filter(pk=chunk.pk).exists()


def test_unchanged_chunks_keep_their_vectors(add, read, model):
    text = "# Dogs\n\nDogs must be on a lead.\n\n# Cats\n\n{cats}"
    add(text.format(cats="Cats sleep on the shelves."))
    read()
    model.texts.clear()

    add(text.format(cats="Cats sleep where they like."))
    read()

    assert [asked for asked in model.texts if "Dogs must" in asked] == []
    assert [asked for asked in model.texts if "where they like" in asked]
    assert Embedding.objects.count() == Chunk.objects.count() == 2


def test_a_document_of_one_version_lists_one_without_a_version_row(served):
    (only,) = versions.versions_of(served)

    assert (only.number, only.blob_id) == (1, served.blob_id)
    assert not Version.objects.exists()


def test_each_version_names_its_uploader(place, served, given):
    edith = make_user("Edith")
    services.add_documents(
        workspace=place, offers=[given("rules.md", b"Dogs may run free.")], by=edith
    )

    new, old = versions.versions_of(served)

    assert (new.number, new.added_by, new.blob.size) == (2, edith, 18)
    assert (old.number, old.added_by, old.created) == (1, None, served.created)


def test_the_same_bytes_add_no_version(served, add, woken):
    woken.clear()

    outcome = add("Dogs must be on a lead.")

    assert outcome.duplicate
    assert state(served) == (1, 1, Status.READY)
    assert woken == []


def test_the_bytes_of_an_older_version_become_a_new_version(served, add, read):
    add("Dogs may run free.")
    read()

    outcome = add("Dogs must be on a lead.")
    read()

    assert not outcome.duplicate
    assert state(served) == (3, 3, Status.READY)
    assert texts(served) == ["Dogs must be on a lead."]


def test_a_newer_version_replaces_a_waiting_version(served, add, read):
    add("Dogs may run free.")
    add("No dogs.")
    read()

    assert state(served) == (3, 3, Status.READY)
    assert texts(served) == ["No dogs."]
    assert [version.number for version in versions.versions_of(served)] == [3, 2, 1]
    assert list(versions.chunks_of(served, 2)) == []


def test_a_failed_version_leaves_the_previous_version_serving(served, add, read):
    add("%PDF-1.4 and nothing after it")

    read()

    assert state(served) == (2, 1, Status.FAILED)
    assert served.error["code"] == "corrupt"
    assert texts(served) == ["Dogs must be on a lead."]


def test_a_failed_version_can_be_retried(served, add, read, model):
    model.before = failing(ValueError("no"))
    add("Dogs may run free.")
    read()
    assert state(served) == (2, 1, Status.FAILED)
    model.before = lambda: None

    services.retry_document(served)
    read()

    assert state(served) == (2, 2, Status.READY)


def test_keeping_the_serving_version_drops_the_failed_version_without_indexing(
    served, add, read, model
):
    add("Dogs may run free.")
    claims.fail(claims.claim_next(), "corrupt")
    asked = len(model.texts)

    versions.restore(served, 1, by=None)

    assert state(served) == (1, 1, Status.READY)
    assert served.error is None
    assert claims.claim_next() is None
    assert len(model.texts) == asked
    assert versions.version_of(served, 2).error["code"] == "corrupt"


def test_cancelling_a_new_version_restores_the_serving_version(served, add, read):
    add("Dogs may run free.")

    services.cancel_document(served)

    assert state(served) == (1, 1, Status.READY)
    assert (served.blob_id, served.progress) == (versions.version_of(served, 1).blob_id, 1.0)
    assert texts(served) == ["Dogs must be on a lead."]


def test_cancelling_a_version_clears_stage_and_progress(served, add):
    add("Dogs may run free.")
    claims.renew(claims.claim_next(), stage="embed", progress=0.7, done=3, total=9)

    services.cancel_document(served)

    served.refresh_from_db()
    assert (served.stage, served.done, served.total, served.claim) == (None, None, None, None)


def test_cancelling_a_first_version_cancels_the_document(add):
    document = add("Dogs must be on a lead.").document

    services.cancel_document(document)

    assert state(document) == (1, None, Status.CANCELLED)


def test_a_version_of_a_document_never_ready_has_no_stand_in(add, read):
    document = add("Dogs must be on a lead.").document
    services.cancel_document(document)

    add("Dogs may run free.")
    assert state(document) == (2, None, Status.QUEUED)
    services.cancel_document(document)
    assert state(document) == (2, None, Status.CANCELLED)

    services.retry_document(document)
    read()
    assert state(document) == (2, 2, Status.READY)


def test_a_restored_version_gets_the_next_number(served, add, read, editor):
    add("Dogs may run free.")
    read()

    versions.restore(served, 1, by=editor)
    assert state(served) == (3, 2, Status.QUEUED)
    read()

    assert state(served) == (3, 3, Status.READY)
    assert texts(served) == ["Dogs must be on a lead."]
    assert versions.version_of(served, 3).added_by == editor
    assert Event.objects.filter(action="document.version_restored", actor=editor).exists()


def test_the_current_and_a_waiting_version_cannot_be_restored(served, add):
    with pytest.raises(Refusal) as current:
        versions.restore(served, 1, by=None)
    add("Dogs may run free.")
    with pytest.raises(Refusal) as coming:
        versions.restore(served, 2, by=None)
    with pytest.raises(Http404):
        versions.restore(served, 7, by=None)

    assert (current.value.code, coming.value.code) == ("version_is_current", "version_is_coming")


def test_an_old_version_can_be_deleted_with_its_bytes(served, add, read, monkeypatch):
    bytes_of_first = blobs.path_of(served.blob_id)
    add("Dogs may run free.")
    read()
    monkeypatch.setattr(blobs, "UNUSED_BLOB_AGE", -blobs.UNUSED_BLOB_AGE)
    purging.purge_bytes()
    assert bytes_of_first.exists()

    versions.delete(served, 1, by=None)
    purging.purge_bytes()

    assert not bytes_of_first.exists()
    assert not PastChunk.objects.exists()
    assert [version.number for version in versions.versions_of(served)] == [2]


def test_the_version_that_serves_cannot_be_deleted(served, add):
    with pytest.raises(Refusal):
        versions.delete(served, 1, by=None)
    add("Dogs may run free.")

    with pytest.raises(Refusal):
        versions.delete(served, 1, by=None)


def test_deleting_a_waiting_version_restores_the_serving_version(served, add):
    add("Dogs may run free.")

    versions.delete(served, 2, by=None)

    assert state(served) == (1, 1, Status.READY)
    assert add("No dogs.").document.version == 2


def test_a_deleted_document_has_no_versions_left(served, add, read):
    add("Dogs may run free.")
    read()

    services.delete_document(served, by=None)

    assert not Version.objects.exists()
    assert not PastChunk.objects.exists()


def test_a_pin_is_kept_across_versions(served, add, read):
    services.pin_document(served, pinned=True)

    add("Dogs may run free.")
    read()

    served.refresh_from_db()
    assert served.pinned


def test_another_model_indexes_the_serving_version_and_leaves_the_failed_one(
    place, served, add, read
):
    add("Dogs may run free.")
    claims.fail(claims.claim_next(), "corrupt")
    place.chunk_tokens = 64
    place.save()

    services.requeue_outdated(place)
    read()

    assert state(served) == (1, 1, Status.READY)
    assert served.make == make_of(place)


def test_a_new_version_after_a_change_of_model_is_parsed(place, served, add, read):
    Document.objects.update(make=served.make.replace("tests/model", "tests/other"))
    add("Dogs may run free.")

    read()

    assert texts(served) == ["Dogs may run free."]
    assert state(served) == (2, 2, Status.READY)


def test_keep_adds_a_separate_document_with_the_same_name(served, add):
    outcome = add("Dogs may run free.", on_conflict=OnConflict.KEEP)

    assert outcome.document != served
    assert outcome.document.name == served.name
    assert state(served) == (1, 1, Status.READY)


def test_skip_stores_neither_document_nor_bytes_for_a_taken_name(served, add):
    outcome = add("Dogs may run free.", on_conflict=OnConflict.SKIP)

    assert (outcome.document, outcome.skipped, outcome.is_news) == (served, True, False)
    assert state(served) == (1, 1, Status.READY)
    assert len(list(blobs.settings.BLOB_DIR.glob("??/??/*"))) == 1
