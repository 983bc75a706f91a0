"""Entries of whole documents in the index, from indexing to deletion."""

import pytest

from ingestion.documents.services import delete_document, rename_document
from ingestion.index.removal import delete_from_index
from ingestion.lexical_terms import term_id
from ingestion.models import Document, DocumentTerms
from ingestion.pipeline.indexing import index
from ingestion.queue import claims

pytestmark = pytest.mark.django_db


@pytest.fixture
def renamed_in_work(claimed):
    """A titled document that is renamed between its claim and its publication."""
    document = claimed()
    Document.objects.filter(pk=document.pk).update(title="Report")
    rename_document(Document.objects.get(pk=document.pk), name="2023 Q3 walrus.txt")
    return document


def test_indexing_writes_text_and_identity(claimed, place):
    document = claimed()

    index(document)

    entry = DocumentTerms.objects.get(document=document)
    assert entry.workspace == place
    assert term_id(place.pk.int, "lift") in entry.text_terms
    assert len(entry.identity_terms) == len(entry.identity_weights.indices())


def test_indexing_again_keeps_one_entry(claimed):
    document = claimed()
    index(document)
    claims.requeue(Document.objects.filter(pk=document.pk))

    index(claims.claim_next())

    assert DocumentTerms.objects.filter(document=document).count() == 1


def test_a_name_given_during_indexing_is_in_the_entry(renamed_in_work, place):
    index(renamed_in_work)

    entry = DocumentTerms.objects.get(document=renamed_in_work)
    assert entry.period == 202309
    assert term_id(place.pk.int, "walrus") in entry.identity_terms


def test_a_cancelled_document_gets_no_entry(claimed):
    document = claimed()
    Document.objects.filter(pk=document.pk).update(status=Document.Status.CANCELLED, claim=None)

    index(document)

    assert not DocumentTerms.objects.filter(document=document).exists()


def test_a_document_taken_out_of_the_index_has_no_entry(claimed):
    document = claimed()
    index(document)

    delete_from_index(document)

    assert not DocumentTerms.objects.exists()


def test_deleting_a_document_deletes_its_entry(claimed, owner):
    document = claimed()
    index(document)

    delete_document(document, by=owner)

    assert not DocumentTerms.objects.exists()
