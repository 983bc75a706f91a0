"""Uploads and renames to the name of an existing document."""

import pytest

from ingestion.documents import services, versions
from ingestion.documents.versions import OnConflict
from ingestion.models import Document
from web.exceptions import Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def served(add) -> Document:
    return add("Dogs must be on a lead.").document


def test_the_newest_of_several_documents_of_one_name_gets_the_version(served, add):
    newest = add("Dogs may run free.", on_conflict=OnConflict.KEEP).document

    assert add("No dogs.").document == newest
    assert add("Dogs must be on a lead.").document == served


@pytest.mark.parametrize("on_conflict", [OnConflict.VERSION, OnConflict.SKIP])
def test_equal_names_in_one_load_are_separate_documents(place, given, on_conflict):
    offers = [given("README.md", b"one"), given("README.md", b"two")]

    outcomes = services.add_documents(
        workspace=place, offers=offers, by=None, on_conflict=on_conflict
    )

    assert all(outcome.is_news for outcome in outcomes)
    assert Document.objects.filter(version=1).count() == 2


def test_a_load_of_several_calls_shares_its_names(place, given):
    load: set[str] = set()

    for content in (b"one", b"two"):
        services.add_documents(
            workspace=place, offers=[given("README.md", content)], by=None, load=load
        )

    assert Document.objects.filter(version=1).count() == 2


def test_a_document_renamed_to_a_taken_name_stays_separate(served, add):
    other = add("Dogs may run free.", name="other.md").document

    services.rename_document(other, name="rules.md")

    assert Document.objects.filter(name="rules.md").count() == 2


def test_renaming_to_the_name_of_equal_bytes_is_refused(served, add):
    other = add("Dogs must be on a lead.", name="other.md").document

    with pytest.raises(Refusal):
        services.rename_document(other, name="rules.md")


def test_taken_names_are_found_with_the_newest_document(place, served, add):
    newest = add("Dogs may run free.", on_conflict=OnConflict.KEEP).document

    taken = versions.names_taken(place, ["rules.md", "free.md"])

    assert taken == {"rules.md": newest}
