"""Changes of several documents lock rows in one order, which prevents deadlocks."""

import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.db.models import F
from support.factories import make_workspace

from ingestion.documents import bulk, purging
from ingestion.documents.bulk import Action
from ingestion.index.removal import delete_members
from ingestion.models import Document
from ingestion.queue import claims

pytestmark = pytest.mark.django_db(transaction=True)
WAITING = "SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"


class Elsewhere(threading.Thread):
    """Calls a function with a separate connection, and keeps the exception."""

    def __init__(self, function: Callable[[], object]) -> None:
        super().__init__()
        self.function = function
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            self.function()
        except Exception as exc:
            self.error = exc
        finally:
            connection.close()


def until_somebody_waits() -> None:
    until = time.monotonic() + 10
    with connection.cursor() as cursor:
        while not cursor.execute(WAITING).fetchall():
            assert time.monotonic() < until, "nobody waits"
            time.sleep(0.01)


@transaction.atomic
def _delete_members() -> None:
    delete_members(Document.objects.all())


@pytest.mark.parametrize(
    "action",
    [
        _delete_members,
        lambda: purging._purge_some_documents(Document.objects.first().workspace),
        *(
            lambda action=action: bulk.act(action, Document.objects.all(), by=None)
            for action in Action
        ),
    ],
    ids=["delete members", "purge", *Action],
)
def test_publishing_and_bulk_actions_do_not_deadlock(queued, action):
    workspace = make_workspace()
    for _ in range(3):
        queued(workspace)
    taken = claims.claim_several()
    for document in sorted(taken, key=lambda document: document.pk, reverse=True):
        Document.objects.filter(pk=document.pk).update(
            progress=F("progress")
        )  # The last lies first on the disk.

    @transaction.atomic
    def publish() -> None:
        claims.mark_all_ready([(document, {}) for document in reversed(taken)])

    with transaction.atomic():
        middle = sorted(document.pk for document in taken)[1]
        Document.objects.select_for_update().get(
            pk=middle
        )  # Here both stop, and hold what they came by.
        threads = [Elsewhere(publish)]
        until_somebody_waits()
        threads.append(Elsewhere(action))
        time.sleep(0.3)
    for thread in threads:
        thread.join()

    assert [thread.error for thread in threads] == [None, None]
