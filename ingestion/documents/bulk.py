"""Deletes, pins, retries and cancels many documents at once, by the same rules as `services`.

The caller has narrowed the documents to those that may be changed. A document that an action does
not apply to, such as a retry of a ready one, is passed over.
"""

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

# Documents in one transaction, short enough not to hold up other work.
DELETE_BATCH_SIZE: Final = 200


class Action(StrEnum):
    """A bulk action."""

    DELETE = "delete"
    PIN = "pin"
    UNPIN = "unpin"
    RETRY = "retry"
    CANCEL = "cancel"


def act(action: Action, documents: "QuerySet[Document]", *, by: User | None) -> int:
    """Apply `action` to `documents`; return how many it changed."""
    documents = documents.order_by()
    match action:
        case Action.DELETE:
            return _delete(documents, by)
        case Action.PIN:
            return _update(documents.filter(pinned=False), pinned=True)
        case Action.UNPIN:
            return _update(documents.filter(pinned=True), pinned=False)
        case Action.RETRY:
            count = claims.requeue(documents.filter(status__in=GIVEN_UP))
            if count:
                transaction.on_commit(wake_workers)
            return count
        case Action.CANCEL:
            return _cancel(documents)


def _delete(documents: "QuerySet[Document]", by: User | None) -> int:
    done = 0
    while some := list(documents.order_by("id").values_list("pk", flat=True)[:DELETE_BATCH_SIZE]):
        done += _delete_some(Document.objects.filter(pk__in=some), by)
    return done


@transaction.atomic
def _delete_some(documents: "QuerySet[Document]", by: User | None) -> int:
    held = list(_in_order(documents).select_for_update(of=("self",)))
    take_out(*held)
    record_each("document.deleted", by=by, about=held)
    Document.objects.filter(pk__in=[document.pk for document in held]).delete()
    return len(held)


def _cancel(documents: "QuerySet[Document]") -> int:
    unfinished = documents.filter(status__in=UNFINISHED)
    done = sum(_call_off(document) for document in unfinished.filter(stand_in__isnull=False))
    cancelled = {
        **claims.IDLE_FIELDS,
        "sealed_password": None,
        "error_code": "",
        "error_details": {},
    }
    return done + _update(
        unfinished.filter(stand_in__isnull=True), status=Document.Status.CANCELLED, **cancelled
    )


@transaction.atomic
def _update(documents: "QuerySet[Document]", **fields: Any) -> int:
    list(_in_order(documents).select_for_update(of=("self",), no_key=True).values_list("pk"))
    return documents.update(**fields)


def _in_order(documents: "QuerySet[Document]") -> "QuerySet[Document]":
    # Every statement that changes several rows locks them in this order, which prevents deadlocks.
    return documents.order_by("id")


@transaction.atomic
def _call_off(document: Document) -> bool:
    return versions.call_off(document)
