import time
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone
from support.factories import make_workspace

from ingestion.documents import services
from ingestion.models import Document
from ingestion.queue import claims, leases
from ingestion.queue.leases import Lease, LeaseLost, renewed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def document(queued):
    queued(make_workspace())
    document = claims.claim_next()
    assert document is not None
    return document


def wait_until(condition) -> float:
    """Wait for the condition; return the seconds passed."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < 5
        time.sleep(0.02)
    return time.monotonic() - start


def test_progress_and_stage_are_written_during_indexing(document):
    with renewed(lease := Lease(document)):
        lease.report("embed", 0.7)
        wait_until(lambda: Document.objects.get().progress == 0.7)

        assert Document.objects.get().stage == "embed"


def test_the_lease_is_renewed_during_indexing(document):
    Document.objects.update(due=timezone.now() + timedelta(seconds=1))

    with renewed(Lease(document)):
        wait_until(lambda: Document.objects.get().due > timezone.now() + timedelta(seconds=20))


@pytest.mark.parametrize(
    "end", [services.cancel_document, lambda document: services.delete_document(document, by=None)]
)
def test_a_lost_lease_is_noticed_within_a_second(document, end):
    with renewed(lease := Lease(document)):
        end(Document.objects.get())

        assert wait_until(lambda: lease.is_lost) < 1
        with pytest.raises(LeaseLost):
            lease.report("embed", 0.7)


def test_a_short_database_outage_loses_no_lease(document, monkeypatch):
    renew, calls = claims.renew, []

    def flaky(*args, **kwargs):
        calls.append(args)
        if len(calls) < 3:
            raise OperationalError("the database is starting up")
        return renew(*args, **kwargs)

    monkeypatch.setattr(claims, "renew", flaky)
    monkeypatch.setattr(leases, "HEARTBEAT_SECONDS", 0.05)

    with renewed(lease := Lease(document)):
        lease.report("embed", 0.7)
        wait_until(lambda: Document.objects.get().progress == 0.7)

        assert not lease.is_lost


def test_a_quickly_indexed_document_costs_no_heartbeat(
    document, django_assert_num_queries, monkeypatch
):
    monkeypatch.setattr(Lease, "renew", lambda self: pytest.fail("nobody needed to know"))

    with renewed(Lease(document)):
        pass
