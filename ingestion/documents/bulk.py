"""What people do with many documents at once: delete, pin, try again, cancel.

The same rules as for one document (`services`), in as few statements as it takes. The caller has narrowed the documents
to those that may be changed; what an action has no business with, as trying again what is ready, is passed over.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from audit.services import record_each
from ingestion.documents import versions
from ingestion.documents.services import GIVEN_UP, UNFINISHED
from ingestion.index.removal import take_out
from ingestion.models import Document
from ingestion.queue import claims
from ingestion.queue.wakeup import wake_workers

BATCH: Final = 200  # Documents of one transaction: what is deleted stays so, and nobody waits long for a row.


class Action(StrEnum):
    """What is to be done."""

    DELETE = "delete"
    PIN = "pin"
    UNPIN = "unpin"
    RETRY = "retry"
    CANCEL = "cancel"


def act(action: Action, documents: "QuerySet[Document]", *, by: User | None) -> int:
    """Do it to all of `documents`; return how many it was done to."""
    return _ACTIONS[action](documents.order_by(), by)


def _delete(documents: "QuerySet[Document]", by: User | None) -> int:
    done = 0
    while some := list(documents.order_by("id").values_list("pk", flat=True)[:BATCH]):
        done += _delete_some(Document.objects.filter(pk__in=some), by)
    return done


@transaction.atomic
def _delete_some(documents: "QuerySet[Document]", by: User | None) -> int:
    held = list(_in_order(documents).select_for_update(of=("self",)))
    take_out(*held)
    record_each("document.deleted", by=by, about=held)
    Document.objects.filter(pk__in=[document.pk for document in held]).delete()
    return len(held)


def _pin(documents: "QuerySet[Document]", _by: User | None) -> int:
    return _update(documents.filter(pinned=False), pinned=True)


def _unpin(documents: "QuerySet[Document]", _by: User | None) -> int:
    return _update(documents.filter(pinned=True), pinned=False)


def _retry(documents: "QuerySet[Document]", _by: User | None) -> int:
    count = claims.requeue(documents.filter(status__in=GIVEN_UP))
    if count:
        transaction.on_commit(wake_workers)
    return count


def _cancel(documents: "QuerySet[Document]", _by: User | None) -> int:
    unfinished = documents.filter(status__in=UNFINISHED)
    done = sum(_call_off(document) for document in unfinished.filter(stand_in__isnull=False))
    cancelled = {**claims.NOT_IN_WORK, "sealed_password": None, "error_code": "", "error_details": {}}
    return done + _update(unfinished.filter(stand_in__isnull=True), status=Document.Status.CANCELLED, **cancelled)


@transaction.atomic
def _update(documents: "QuerySet[Document]", **fields: Any) -> int:
    list(_in_order(documents).select_for_update(of=("self",), no_key=True).values_list("pk"))
    return documents.update(**fields)


def _in_order(documents: "QuerySet[Document]") -> "QuerySet[Document]":
    # Everybody who changes several rows takes them in this order, so that nobody meets us half way.
    return documents.order_by("id")


@transaction.atomic
def _call_off(document: Document) -> bool:
    return versions.call_off(document)


_ACTIONS: Final[dict[Action, Callable[["QuerySet[Document]", User | None], int]]] = {
    Action.DELETE: _delete,
    Action.PIN: _pin,
    Action.UNPIN: _unpin,
    Action.RETRY: _retry,
    Action.CANCEL: _cancel,
}
