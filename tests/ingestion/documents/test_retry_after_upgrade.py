"""Documents that failed by an internal error are retried after an upgrade."""

import pytest
from django.core.management import call_command

from ingestion.errors import messages
from ingestion.models import Document
from ingestion.queue import claims

Status = Document.Status


@pytest.fixture
def failed(workspace, queued, settings):
    """Return a document that `code` failed in version 0.2.0."""

    def failed(code: str) -> Document:
        settings.VERSION = "0.2.0"
        queued(workspace)
        document = claims.claim_next()
        assert claims.fail(document, code)
        return document

    return failed


@pytest.mark.parametrize("code", messages.FAULTS_OF_THE_PROGRAM)
def test_an_internal_error_is_retried_by_the_next_release(failed, settings, code):
    document = failed(code)
    assert claims.requeue_after_upgrade() == 0

    settings.VERSION = "0.3.0"

    assert claims.requeue_after_upgrade() == 1
    document.refresh_from_db()
    assert (document.status, document.error_code, document.error_details) == (Status.QUEUED, "", {})


def test_an_internal_error_without_a_recorded_release_is_retried(workspace, queued):
    queued(workspace, status=Status.FAILED, error_code="internal", error_details={})

    assert claims.requeue_after_upgrade() == 1


def test_an_unreadable_document_is_not_retried(failed, settings):
    failed("corrupt")
    settings.VERSION = "0.3.0"

    assert claims.requeue_after_upgrade() == 0


def test_preparing_the_database_queues_internal_errors(failed, settings):
    document = failed("internal")
    settings.VERSION = "0.3.0"

    call_command("prepare", verbosity=0)

    document.refresh_from_db()
    assert document.status == Status.QUEUED
