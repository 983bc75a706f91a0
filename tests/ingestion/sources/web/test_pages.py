from datetime import timedelta

import pytest
from django.utils import timezone

from ingestion.documents.services import Added, Refused, delete_document
from ingestion.models import Document
from ingestion.models.sources import WebPage
from ingestion.sources.web.pages import add_page, due, schedule

pytestmark = pytest.mark.django_db
URL = "https://example.org/wings"


@pytest.fixture(autouse=True)
def _allowed(settings):
    settings.FETCH_ALLOW = ("public",)


def test_a_page_is_a_document_that_waits(workspace, editor):
    added = add_page(workspace=workspace, url=f" {URL}#part ", by=editor)

    assert isinstance(added, Added)
    document = Document.objects.get()
    assert (document.name, document.status, document.added_by) == (
        "example.org/wings",
        "queued",
        editor,
    )
    assert (document.web_page.url, document.web_page.refetch, document.web_page.due) == (
        URL,
        "never",
        None,
    )


def test_adding_a_page_again_fetches_the_page_again(
    workspace, editor, woken, django_capture_on_commit_callbacks
):
    first = add_page(workspace=workspace, url=URL, by=editor)

    with django_capture_on_commit_callbacks(execute=True):
        again = add_page(workspace=workspace, url=URL, by=editor, refetch="daily")

    assert again.duplicate
    assert again.document == first.document
    page = WebPage.objects.get()
    assert page.refetch == "daily"
    assert page.due <= timezone.now()
    assert woken == ["ingestion.tasks.maintain_pages"]


def test_adding_a_failed_page_again_retries_the_fetch(workspace, editor):
    added = add_page(workspace=workspace, url=URL, by=editor)
    Document.objects.update(status="failed", error_code="fetch_gone")

    again = add_page(workspace=workspace, url=URL, by=editor)

    assert (again.document, again.duplicate) == (added.document, True)
    assert (again.document.status, again.document.error_code) == ("queued", "")


def test_the_same_page_in_two_workspaces_is_two_documents(workspace, place, editor):
    add_page(workspace=workspace, url=URL, by=editor)
    add_page(workspace=place, url=URL, by=editor)

    assert Document.objects.count() == 2


@pytest.mark.parametrize(
    ("url", "code"),
    [("", "fetch_address_invalid"), ("file:///etc/passwd", "fetch_address_invalid")],
)
def test_an_address_of_no_page_is_refused(workspace, editor, url, code):
    refused = add_page(workspace=workspace, url=url, by=editor)

    assert isinstance(refused, Refused)
    assert (refused.code, refused.status) == (code, 400)
    assert not Document.objects.exists()


def test_pages_are_refused_with_the_remedy_while_fetching_is_off(workspace, editor, settings):
    settings.FETCH_ALLOW = ()

    refused = add_page(workspace=workspace, url=URL, by=editor)

    assert refused.code == "fetch_off"
    assert "FETCH_ALLOW" in refused.message


def test_a_page_is_deleted_with_its_document(workspace, editor):
    document = add_page(workspace=workspace, url=URL, by=editor).document

    delete_document(document, by=editor)

    assert not WebPage.objects.exists()


def test_an_interval_counts_from_the_last_fetch(workspace, editor):
    page = add_page(workspace=workspace, url=URL, by=editor).document.web_page
    page.checked = timezone.now() - timedelta(days=2)

    schedule(page, "daily")
    assert page.due == page.checked + timedelta(days=1)

    schedule(page, "weekly")
    assert page.due == page.checked + timedelta(days=7)

    schedule(page, "never")
    assert page.due is None


def test_only_fetched_pages_of_existing_workspaces_are_due(workspace, editor):
    now = timezone.now()
    add_page(workspace=workspace, url=URL, by=editor)
    WebPage.objects.update(due=now)
    assert not due().exists()

    WebPage.objects.update(fetched=now)
    assert due().count() == 1

    workspace.deleted = now
    workspace.save()
    assert not due().exists()


def test_only_members_see_pages(workspace, editor, reader, stranger):
    add_page(workspace=workspace, url=URL, by=editor)

    assert WebPage.objects.visible_to(reader).count() == 1
    assert not WebPage.objects.visible_to(stranger).exists()
