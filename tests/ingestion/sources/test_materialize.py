from contextlib import closing
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from ingestion.documents.services import cancel_document, delete_document, retry_document
from ingestion.models import Document, Run
from ingestion.models.sources import WebPage
from ingestion.queue import claims
from ingestion.sources import materialize
from ingestion.sources.web.pages import add_page
from ingestion.storage import blobs
from ingestion.worker import loop
from web.locks import JobLock

pytestmark = pytest.mark.django_db(transaction=True)
Status = Document.Status


@pytest.fixture
def page(place, site):
    """A page of the site, waiting to be fetched."""
    site.has_article()
    return add_page(workspace=place, url=site.url(), by=None).document


@pytest.fixture
def fetched(page):
    """The page, fetched and indexed."""
    assert loop.index_waiting() == 1
    return now(page)


def now(document) -> Document:
    return Document.objects.select_related("web_page").get(pk=document.pk)


def make_due() -> None:
    WebPage.objects.update(due=timezone.now())


def test_a_page_is_fetched_read_for_its_article_and_indexed(page, site):
    loop.index_waiting()

    document = now(page)
    text = "\n".join(document.chunks.values_list("text", flat=True))
    assert (document.status, document.title, document.error) == (Status.READY, "On wings", None)
    assert "Lift is what wings make." in text
    assert "2026-03-04" in text
    assert "newsletter" not in text
    assert "Shop" not in text
    assert blobs.path_of(document.blob_id).read_bytes() == site.answers["/wings"][2]
    assert document.web_page.fetched is not None
    assert document.web_page.due is None


def test_a_file_behind_an_address_is_parsed_by_its_type(place, site):
    site.says("/table", "name,lift\nwing,10\n", Content_Type="text/csv")

    add_page(workspace=place, url=site.url("/table"), by=None)
    loop.index_waiting()

    document = Document.objects.get()
    assert (document.media_type, document.status) == ("text/csv", Status.READY)


@pytest.mark.parametrize(
    ("status", "code", "becomes"),
    [
        (404, "fetch_gone", Status.FAILED),
        (403, "fetch_status", Status.FAILED),
        (503, "fetch_busy", Status.QUEUED),
    ],
)
def test_a_failed_fetch_is_recorded_with_its_reason(page, site, status, code, becomes):
    site.says("/wings", status=status)

    loop.index_waiting()

    document = now(page)
    assert (document.status, document.error["code"]) == (becomes, code)
    assert document.runs.get().error == document.error
    assert "127.0.0.1" in document.error["message"]
    assert document.due > timezone.now() or becomes == Status.FAILED


def test_a_program_is_refused_under_any_media_type(page, site):
    site.says("/wings", b"\x7fELF" + bytes(60))

    loop.index_waiting()

    assert now(page).error["code"] == "unsupported"


def test_a_page_that_is_too_large_or_empty_is_reported(page, site, settings):
    site.says("/wings", b"")
    loop.index_waiting()
    assert now(page).error["code"] == "empty"

    settings.MAX_DOCUMENT_BYTES = 10
    site.says("/wings", b"x" * 100)
    retry_document(now(page))
    loop.index_waiting()
    assert now(page).error["code"] == "too_large"


def test_an_unexpected_error_fails_the_document_and_not_the_worker(page, monkeypatch, caplog):
    monkeypatch.setattr(materialize.fetch, "fetch", lambda *_, **__: 1 / 0)

    loop.index_waiting()

    assert now(page).error["code"] == "internal"
    assert "could not be indexed" in caplog.text


def test_a_page_is_tried_again_on_request(page, site):
    site.says("/wings", status=404)
    loop.index_waiting()
    site.has_article()

    retry_document(now(page))
    loop.index_waiting()

    assert now(page).status == Status.READY


def test_a_page_cancelled_during_the_fetch_leaves_nothing(page, site, data_dir):
    def answer(handler):
        cancel_document(now(page))
        connection.close()
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"too late")

    site.answers["/wings"] = answer

    loop.index_waiting()

    assert now(page).status == Status.CANCELLED
    assert now(page).runs.get().outcome == Run.Outcome.CANCELLED
    assert now(page).blob_id == materialize.NO_BYTES
    assert list((data_dir / "tmp").iterdir()) == []


def test_a_page_deleted_during_the_fetch_leaves_nothing(page, site, data_dir):
    def answer(handler):
        delete_document(now(page), by=None)
        connection.close()
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"too late")

    site.answers["/wings"] = answer

    loop.index_waiting()

    assert not Document.objects.exists()
    assert list((data_dir / "tmp").iterdir()) == []


def test_nothing_is_fetched_for_uploaded_documents(claimed, monkeypatch):
    monkeypatch.setattr(materialize.fetch, "fetch", lambda *_, **__: pytest.fail("fetched"))

    claims.give_back(claimed())

    assert loop.index_waiting() == 1
    assert Document.objects.get().status == Status.READY


def test_an_unchanged_page_keeps_its_version(fetched, site):
    site.has_article(ETag='"one"')
    make_due()
    assert materialize.fetch_due() == 1

    site.says("/wings", status=304)
    make_due()
    assert materialize.fetch_due() == 1

    document = now(fetched)
    assert site.asked[-1][1]["If-None-Match"] == '"one"'
    assert (document.version, document.status, document.web_page.error) == (1, Status.READY, None)


def test_a_changed_page_is_a_new_version(fetched, site, woken):
    site.has_article(more="Drag is what they make as well. " * 20)
    make_due()
    woken.clear()

    materialize.fetch_due()

    assert now(fetched).version == 2
    assert woken
    loop.index_waiting()
    document = now(fetched)
    assert document.status == Status.READY
    assert "Drag" in document.chunks.first().text


@pytest.mark.parametrize(
    ("status", "code"), [(404, "fetch_gone"), (410, "fetch_gone"), (500, "fetch_busy")]
)
def test_a_missing_page_keeps_its_document_and_records_the_error(fetched, site, status, code):
    site.says("/wings", status=status)
    make_due()

    materialize.fetch_due()

    document = now(fetched)
    assert (document.status, document.version, document.chunk_count > 0) == (Status.READY, 1, True)
    assert document.web_page.error["code"] == code

    site.has_article()
    make_due()
    materialize.fetch_due()
    assert now(fetched).web_page.error is None


def test_an_unreadable_new_version_of_a_page_is_recorded(fetched, site):
    site.says("/wings", b"\x7fELF" + bytes(60))
    make_due()

    materialize.fetch_due()

    document = now(fetched)
    assert (document.status, document.version) == (Status.READY, 1)
    assert document.web_page.error["code"] == "unsupported"


def test_a_page_is_fetched_at_its_interval(fetched, site):
    WebPage.objects.update(refetch="daily", due=timezone.now())
    materialize.fetch_due()
    soon = WebPage.objects.get().due - timezone.now()
    assert timedelta(hours=23) < soon <= timedelta(days=1)

    site.says("/wings", status=503)
    make_due()
    materialize.fetch_due()
    assert WebPage.objects.get().due - timezone.now() <= timedelta(hours=1)

    WebPage.objects.update(refetch="never", due=timezone.now())
    materialize.fetch_due()
    assert WebPage.objects.get().due is None


def test_only_one_process_fetches_due_pages(fetched, site):
    make_due()
    site.asked.clear()

    with closing(connection.copy()) as other:
        other.cursor().execute("SELECT pg_advisory_lock(%s)", [int(JobLock.WEB_PAGES)])
        assert materialize.fetch_due() == 0

    assert site.asked == []


def test_a_first_interval_begins_with_the_first_fetch(place, site):
    site.has_article()
    add_page(workspace=place, url=site.url(), by=None, refetch="weekly")

    loop.index_waiting()

    assert WebPage.objects.get().due > timezone.now() + timedelta(days=6)
