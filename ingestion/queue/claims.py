"""The queue, which is the documents' rows: who takes which document next, for how long, and how it is given back.

A claim is one UPDATE, so two workers cannot both win. It names its holder, and every write of a result asks whether the
claim still stands: a document that was cancelled, deleted or taken over in the meantime is left alone. Small documents
that have not been tried yet may be claimed several at once. `pipeline.indexing` works on a claimed document.
"""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.db.models import F, Field, FloatField, Q, QuerySet, Value
from django.db.models.functions import Greatest, Now
from django.utils import timezone

from ingestion.errors import messages
from ingestion.models import Blob, Document
from ingestion.parsing.formats import PROMPT
from web.compiled_querysets import Compiled, columns, instance
from workspaces.models import Workspace

LEASE_DURATION = timedelta(seconds=30)
MAX_TAKEOVERS = 5  # Workers that may die over a document before it is held to be the cause.
MAX_ATTEMPTS = 8  # With the pauses below about twenty minutes.
FIRST_RETRY_DELAY = timedelta(seconds=5)
MAX_RETRY_DELAY = timedelta(minutes=10)
NOT_IN_WORK: dict[str, Any] = {"stage": None, "done": None, "total": None, "claim": None}
IS_READY: dict[str, Any] = NOT_IN_WORK | {
    "status": Document.Status.READY,
    "progress": 1.0,
    "error_code": "",
    "error_details": {},
    "attempts": 0,
    "takeovers": 0,
}

CLAIM_BATCH_SIZE: Final = 8  # Documents claimed at once: they share the calls to the model and one transaction.
MAX_BATCHED_BYTES: Final = 64 * 1024  # Bytes.

# Whether others may wait for a document: it is quickly read, and nothing is known against it.
_IS_SIMPLE: Final = """
    document.status = 'queued' AND document.attempts = 0 AND document.takeovers = 0 AND document.chunk_count = 0
    AND document.sealed_password IS NULL AND document.media_type = ANY(%(prompt)s)
    AND (SELECT size FROM ingestion_blob WHERE sha256 = document.blob_id) BETWEEN 1 AND %(small)s
"""
_TAKEN: Final = """
    status = 'processing', stage = 'parse', claim = %(claim)s,
    claimed_at = statement_timestamp(), due = statement_timestamp() + %(lease)s
"""
# The workspaces with something to do are found by hopping through the queue's index, not by reading all of it; of these
# the one served longest ago comes first; in it the document that has been due longest.
_CLAIM_NEXT: Final = f"""
WITH RECURSIVE waiting AS (
    (SELECT workspace_id FROM ingestion_document
     WHERE status IN ('queued', 'processing') ORDER BY workspace_id LIMIT 1)
    UNION ALL
    SELECT (SELECT next.workspace_id FROM ingestion_document next
            WHERE next.status IN ('queued', 'processing') AND next.workspace_id > waiting.workspace_id
            ORDER BY next.workspace_id LIMIT 1)
    FROM waiting WHERE waiting.workspace_id IS NOT NULL
), turn AS (
    SELECT workspace.id FROM waiting JOIN workspaces_workspace workspace ON workspace.id = waiting.workspace_id
    WHERE workspace.deleted IS NULL AND NOT workspace.id = ANY(%(leaving_out)s)
    ORDER BY (SELECT max(served.claimed_at) FROM ingestion_document served WHERE served.workspace_id = workspace.id)
        NULLS FIRST
), chosen AS (
    SELECT found.* FROM turn CROSS JOIN LATERAL (
        SELECT document.id, document.status, document.due, document.sealed_password, {_IS_SIMPLE} AS is_simple
        FROM ingestion_document document
        WHERE document.workspace_id = turn.id AND document.status IN ('queued', 'processing')
            AND document.due <= statement_timestamp()
        ORDER BY document.due, document.id LIMIT 1 FOR UPDATE SKIP LOCKED
    ) found LIMIT 1
)
UPDATE ingestion_document taken SET
    {_TAKEN}, takeovers = taken.takeovers + (chosen.status = 'processing')::int, sealed_password = NULL
FROM chosen WHERE taken.id = chosen.id
RETURNING taken.id, chosen.sealed_password, statement_timestamp() - chosen.due, chosen.is_simple
"""
# Those that come next in the same line, as far as they are simple too.
_CLAIM_MORE: Final = f"""
WITH ahead AS (
    SELECT id FROM ingestion_document
    WHERE workspace_id = %(workspace)s AND status = 'queued' AND due <= statement_timestamp()
    ORDER BY due, id LIMIT 4 * %(most)s
), chosen AS (
    SELECT document.id, document.due FROM ingestion_document document JOIN ahead USING (id)
    WHERE {_IS_SIMPLE} ORDER BY document.due, document.id LIMIT %(most)s FOR UPDATE OF document SKIP LOCKED
)
UPDATE ingestion_document taken SET {_TAKEN} FROM chosen WHERE taken.id = chosen.id
RETURNING taken.id, NULL, statement_timestamp() - chosen.due, true
"""

_MARK_READY: Final = (
    "UPDATE ingestion_document SET {} WHERE id = %(_id)s AND claim = %(_claim)s AND status = 'processing'"
)
PLACES = """
SELECT id, place FROM (
    SELECT id, row_number() OVER (ORDER BY due, id) AS place FROM ingestion_document
    WHERE workspace_id = %(workspace)s AND status = 'queued' AND due <= statement_timestamp()
) line WHERE %(among)s::uuid[] IS NULL OR id = ANY(%(among)s)
"""


def claim_next(*, leaving_out: Collection[uuid.UUID] = ()) -> Document | None:
    """Take the document whose turn it is, or return None if none is due; `leaving_out` are workspaces to pass over."""
    documents = claim_several(leaving_out=leaving_out, most=1)
    return documents[0] if documents else None


def claim_several(*, leaving_out: Collection[uuid.UUID] = (), most: int = CLAIM_BATCH_SIZE) -> list[Document]:
    """Take the document whose turn it is, and if that is a simple one also those that come next in its workspace."""
    while taken := _taken(_CLAIM_NEXT, leaving_out=list(leaving_out)):
        [(document, is_simple)] = taken.items()
        if document.takeovers > MAX_TAKEOVERS:
            fail(document, messages.WORKER_DIED)
        elif is_simple and most > 1:
            return [document, *_taken(_CLAIM_MORE, workspace=document.workspace_id, most=most - 1)]
        else:
            return [document]
    return []


def _taken(claim: str, **values: Any) -> dict[Document, bool]:
    """Run a claim; return the documents that it took, the one due longest first, and of each whether it is simple."""
    values |= {"claim": uuid.uuid4(), "lease": LEASE_DURATION, "prompt": list(PROMPT), "small": MAX_BATCHED_BYTES}
    with connection.cursor() as cursor:
        cursor.execute(claim, values)
        rows = {row[0]: row[1:] for row in cursor.fetchall()}
    documents = {}
    for document in _with_workspace_and_blob(list(rows)) if rows else ():
        document.sealed_password, document.waited, documents[document] = rows[document.pk]
    return dict(sorted(documents.items(), key=lambda taken: taken[0].waited or timedelta(), reverse=True))


def _with_workspace_and_blob(ids: list[uuid.UUID]) -> Iterator[Document]:
    own, further = len(columns(Document)), len(columns(Blob))
    for row in _CLAIMED.rows(*ids, *ids[:1] * (CLAIM_BATCH_SIZE - len(ids))):
        document = instance(Document, row[:own])
        document.workspace, document.blob = instance(Workspace, row[own:-further]), instance(Blob, row[-further:])
        yield document


_CLAIMED: Final = Compiled(
    lambda *ids: Document.objects.filter(pk__in=ids).values_list(
        *columns(Document), *columns(Workspace, "workspace__"), *columns(Blob, "blob__")
    ),
    *[uuid.UUID] * CLAIM_BATCH_SIZE,
)


def held(document: Document) -> "QuerySet[Document]":
    """Return the row of `document` if nobody has taken it away since it was claimed."""
    return Document.objects.filter(pk=document.pk, claim=document.claim, status=Document.Status.PROCESSING)


def renew(
    document: Document, *, stage: str, progress: float, done: int | None = None, total: int | None = None
) -> bool:
    """Say that work goes on, and how far it is; False when the document is no longer ours."""
    further = Greatest(F("progress"), Value(progress), output_field=FloatField())
    how_far = {"stage": stage, "progress": further, "done": done, "total": total}
    return bool(held(document).update(**how_far, due=Now() + LEASE_DURATION))


def mark_ready(document: Document, **found: Any) -> bool:
    """Say that a claimed document is done, and what was `found` in it; False when it is no longer ours."""
    return mark_all_ready([(document, found)])


def mark_all_ready(documents: Sequence[tuple[Document, Mapping[str, Any]]]) -> bool:
    """Say that claimed documents are done, and what was found in each: the same fields of all.

    False when one of them is no longer ours; then the transaction has to be given up. Takes the rows in the order of
    their ids, as everybody does who changes several, so that no two wait for one another.
    """
    rows = [
        _as_stored({**IS_READY, **found}) | {"_id": document.pk, "_claim": document.claim}
        for document, found in sorted(documents, key=lambda each: each[0].pk)
    ]
    names = ", ".join(f'"{name}" = %({name})s' for name in rows[0] if not name.startswith("_"))
    with connection.cursor() as cursor:  # Run for every document, so as it is.
        cursor.executemany(_MARK_READY.format(names), rows)
        count: int = cursor.rowcount
    return count == len(rows)


def _as_stored(fields: Mapping[str, Any]) -> dict[str, Any]:
    stored = {}
    for name, value in fields.items():
        field: Field[Any, Any] = Document._meta.get_field(name)  # type: ignore[assignment]
        stored[name] = field.get_db_prep_save(value, connection)
    return stored


def fail(document: Document, code: str, details: Mapping[str, Any] | None = None) -> bool:
    """Give up on a claimed document until another try is asked for, or an upgrade may have mended the cause."""
    kept = dict(details or {})
    if code in messages.FAULTS_OF_THE_PROGRAM:
        kept["version"] = settings.VERSION
    return bool(
        held(document).update(status=Document.Status.FAILED, **NOT_IN_WORK, error_code=code, error_details=kept)
    )


def requeue_after_upgrade() -> int:
    """Queue again the documents that failed by a fault of an earlier version of the program; return how many."""
    failed = Document.objects.filter(status=Document.Status.FAILED, error_code__in=messages.FAULTS_OF_THE_PROGRAM)
    # A missing key compares as NULL, which neither filter() nor exclude() takes for another version.
    another = Q(error_details__version__isnull=True) | ~Q(error_details__version=settings.VERSION)
    return requeue(failed.filter(another))


def postpone(
    document: Document, code: str, details: Mapping[str, Any] | None = None, *, after: float | None = None
) -> bool:
    """Put a claimed document back for later, since something it needs is not there; give up after many attempts.

    `after` is how many seconds that something asked to be left in peace.
    """
    if document.attempts >= MAX_ATTEMPTS:
        return fail(document, code, details)
    return bool(
        held(document).update(
            status=Document.Status.QUEUED,
            **NOT_IN_WORK,
            attempts=document.attempts + 1,
            due=timezone.now()
            + max(retry_delay(document.attempts), min(timedelta(seconds=after or 0), MAX_RETRY_DELAY)),
            error_code=code,
            error_details=dict(details or {}),
            sealed_password=document.sealed_password,
        )
    )


def retry_delay(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: twice as long each time, up to a limit."""
    doubled: int = 2**attempts
    return min(FIRST_RETRY_DELAY * doubled, MAX_RETRY_DELAY)


def give_back(document: Document) -> bool:
    """Put a claimed document back untouched, for the next worker."""
    return bool(
        held(document).update(
            status=Document.Status.QUEUED,
            **NOT_IN_WORK,
            due=Now(),
            sealed_password=document.sealed_password,
        )
    )


def places(workspace_id: uuid.UUID, *, among: Collection[uuid.UUID] | None = None) -> dict[uuid.UUID, int]:
    """Return which in line each document of a workspace is that could be taken now, from 1; only those `among` it.

    The line is the workspace's own: workspaces are served in turn, so others make it slower and nobody's place worse.
    """
    with connection.cursor() as cursor:
        cursor.execute(PLACES, {"workspace": workspace_id, "among": None if among is None else list(among)})
        return dict(cursor.fetchall())


def requeue(documents: "QuerySet[Document]", *, sealed_password: bytes | None = None) -> int:
    """Have documents indexed afresh, wherever they stand; the chunks they have serve until then. Return how many."""
    return documents.update(
        status=Document.Status.QUEUED,
        **NOT_IN_WORK,
        progress=0.0,
        due=Now(),
        attempts=0,
        takeovers=0,
        error_code="",
        error_details={},
        sealed_password=sealed_password,
    )


def due() -> "QuerySet[Document]":
    """Return documents that a worker could take now."""
    unfinished = [Document.Status.QUEUED, Document.Status.PROCESSING]
    return Document.objects.filter(status__in=unfinished, due__lte=Now(), workspace__deleted__isnull=True)
