"""The queue in the documents' rows: claims documents for a worker and writes their outcome.

A claim is one UPDATE, so two workers cannot both win. The claim has an id, and every later write is
conditional on it: a document that was cancelled, deleted or taken over meanwhile does not change.
Small new documents are claimed in batches. `pipeline.indexing` indexes claimed documents.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.db.models import F, Field, FloatField, Q, QuerySet, Value
from django.db.models.functions import Greatest, Now
from django.utils import timezone

from ingestion.errors import messages
from ingestion.models import Blob, Document
from ingestion.parsing.formats import FAST_TYPES
from web.compiled_querysets import CompiledQueryset, columns, instance
from workspaces.models import Workspace

LEASE_DURATION = timedelta(seconds=30)
MAX_TAKEOVERS = 5  # A document that more workers died over is taken for the cause and fails.
MAX_ATTEMPTS = 8  # About twenty minutes with the delays below.
FIRST_RETRY_DELAY = timedelta(seconds=5)
MAX_RETRY_DELAY = timedelta(minutes=10)
IDLE_FIELDS: dict[str, Any] = {"stage": None, "done": None, "total": None, "claim": None}
READY_FIELDS: dict[str, Any] = IDLE_FIELDS | {
    "status": Document.Status.READY,
    "progress": 1.0,
    "error_code": "",
    "error_details": {},
    "attempts": 0,
    "takeovers": 0,
}

CLAIM_BATCH_SIZE: Final = 8  # Documents that share the calls to the model and one transaction.
MAX_BATCHED_BYTES: Final = 64 * 1024

# Documents that may share a batch: quick to parse, new, and never failed.
_IS_SIMPLE: Final = """
    document.status = 'queued' AND document.attempts = 0 AND document.takeovers = 0 AND document.chunk_count = 0
    AND document.sealed_password IS NULL AND document.media_type = ANY(%(prompt)s)
    AND (SELECT size FROM ingestion_blob WHERE sha256 = document.blob_id) BETWEEN 1 AND %(small)s
"""
_TAKEN: Final = """
    status = 'processing', stage = 'parse', claim = %(claim)s,
    claimed_at = statement_timestamp(), due = statement_timestamp() + %(lease)s
"""
# A loose index scan over the queue finds the workspaces with due documents without reading all
# rows. Of these the workspace served longest ago comes first, and in it the document that has been
# due longest.
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
# The next documents of the same workspace that may share a batch.
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

_MARK_READY: Final = """
UPDATE ingestion_document SET {}
WHERE id = %(_id)s AND claim = %(_claim)s AND status = 'processing'
"""
_PLACES = """
SELECT id, place FROM (
    SELECT id, row_number() OVER (ORDER BY due, id) AS place FROM ingestion_document
    WHERE workspace_id = %(workspace)s AND status = 'queued' AND due <= statement_timestamp()
) line WHERE %(among)s::uuid[] IS NULL OR id = ANY(%(among)s)
"""


def claim_next(*, leaving_out: Collection[uuid.UUID] = ()) -> Document | None:
    """Claim the next document, or return None if none is due.

    Workspaces in `leaving_out` are passed over.
    """
    documents = claim_several(leaving_out=leaving_out, most=1)
    return documents[0] if documents else None


def claim_several(
    *, leaving_out: Collection[uuid.UUID] = (), most: int = CLAIM_BATCH_SIZE
) -> list[Document]:
    """Claim the next document and, for a batch, up to `most - 1` more of its workspace."""
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
    """Run a claim.

    Returns the claimed documents, the one due longest first, each with whether it may share a
    batch.
    """
    values |= {
        "claim": uuid.uuid4(),
        "lease": LEASE_DURATION,
        "prompt": list(FAST_TYPES),
        "small": MAX_BATCHED_BYTES,
    }
    with connection.cursor() as cursor:
        cursor.execute(claim, values)
        rows = {row[0]: row[1:] for row in cursor.fetchall()}
    documents: dict[Document, bool] = {}
    if not rows:
        return documents
    ids, own, further = list(rows), len(columns(Document)), len(columns(Blob))
    for row in _CLAIMED.rows(*ids, *ids[:1] * (CLAIM_BATCH_SIZE - len(ids))):
        document = instance(Document, row[:own])
        document.workspace, document.blob = (
            instance(Workspace, row[own:-further]),
            instance(Blob, row[-further:]),
        )
        document.sealed_password, document.waited, documents[document] = rows[document.pk]
    return dict(
        sorted(documents.items(), key=lambda taken: taken[0].waited or timedelta(), reverse=True)
    )


_CLAIMED: Final = CompiledQueryset(
    lambda *ids: Document.objects.filter(pk__in=ids).values_list(
        *columns(Document), *columns(Workspace, "workspace__"), *columns(Blob, "blob__")
    ),
    *[uuid.UUID] * CLAIM_BATCH_SIZE,
)


def held(document: Document) -> "QuerySet[Document]":
    """Return the row of `document` if its claim still stands."""
    return Document.objects.filter(
        pk=document.pk, claim=document.claim, status=Document.Status.PROCESSING
    )


def renew(
    document: Document,
    *,
    stage: str,
    progress: float,
    done: int | None = None,
    total: int | None = None,
) -> bool:
    """Renew the claim and write the progress; False if the claim is lost."""
    further = Greatest(F("progress"), Value(progress), output_field=FloatField())
    how_far = {"stage": stage, "progress": further, "done": done, "total": total}
    return bool(held(document).update(**how_far, due=Now() + LEASE_DURATION))


def mark_ready(document: Document, **found: Any) -> bool:
    """Mark a claimed document ready and set the fields `found`; False if the claim is lost."""
    return mark_all_ready([(document, found)])


def mark_all_ready(documents: Sequence[tuple[Document, Mapping[str, Any]]]) -> bool:
    """Mark claimed documents ready, each with its own values of the same fields.

    False if one claim is lost; then the caller rolls back. Rows are locked in the order of their
    ids, as in every statement that changes several documents, which prevents deadlocks.
    """
    rows = []
    for document, found in sorted(documents, key=lambda each: each[0].pk):
        row: dict[str, Any] = {"_id": document.pk, "_claim": document.claim}
        for name, value in {**READY_FIELDS, **found}.items():
            field: Field[Any, Any] = Document._meta.get_field(name)  # type: ignore[assignment]
            row[name] = field.get_db_prep_save(value, connection)
        rows.append(row)
    names = ", ".join(f'"{name}" = %({name})s' for name in rows[0] if not name.startswith("_"))
    with connection.cursor() as cursor:  # Runs for every document, hence plain SQL.
        cursor.executemany(_MARK_READY.format(names), rows)
        count: int = cursor.rowcount
    return count == len(rows)


def fail(document: Document, code: str, details: Mapping[str, Any] | None = None) -> bool:
    """Mark a claimed document failed until a retry or, for internal errors, an upgrade."""
    kept = dict(details or {})
    if code in messages.FAULTS_OF_THE_PROGRAM:
        kept["version"] = settings.VERSION
    return bool(
        held(document).update(
            status=Document.Status.FAILED, **IDLE_FIELDS, error_code=code, error_details=kept
        )
    )


def requeue_after_upgrade() -> int:
    """Queue the documents that failed by an internal error of an earlier version.

    Returns their number.
    """
    failed = Document.objects.filter(
        status=Document.Status.FAILED, error_code__in=messages.FAULTS_OF_THE_PROGRAM
    )
    # A missing key compares as NULL, so it needs a separate condition.
    another = Q(error_details__version__isnull=True) | ~Q(error_details__version=settings.VERSION)
    return requeue(failed.filter(another))


def postpone(
    document: Document,
    code: str,
    details: Mapping[str, Any] | None = None,
    *,
    after: float | None = None,
) -> bool:
    """Queue a claimed document for later because a service is unavailable.

    Fails the document after MAX_ATTEMPTS. `after` is the delay in seconds that the service asked
    for.
    """
    if document.attempts >= MAX_ATTEMPTS:
        return fail(document, code, details)
    return bool(
        held(document).update(
            status=Document.Status.QUEUED,
            **IDLE_FIELDS,
            attempts=document.attempts + 1,
            due=timezone.now()
            + max(
                retry_delay(document.attempts), min(timedelta(seconds=after or 0), MAX_RETRY_DELAY)
            ),
            error_code=code,
            error_details=dict(details or {}),
            sealed_password=document.sealed_password,
        )
    )


def retry_delay(attempts: int) -> timedelta:
    """Return the delay after so many attempts: exponential up to MAX_RETRY_DELAY."""
    doubled: int = 2**attempts
    return min(FIRST_RETRY_DELAY * doubled, MAX_RETRY_DELAY)


def give_back(document: Document) -> bool:
    """Queue a claimed document for the next worker, without counting an attempt."""
    return bool(
        held(document).update(
            status=Document.Status.QUEUED,
            **IDLE_FIELDS,
            due=Now(),
            sealed_password=document.sealed_password,
        )
    )


def places(
    workspace_id: uuid.UUID, *, among: Collection[uuid.UUID] | None = None
) -> dict[uuid.UUID, int]:
    """Return the place in the queue, from 1, of the due documents of a workspace.

    With `among`, only those documents are returned. Each workspace has its own queue, since
    workspaces are served in turn.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _PLACES, {"workspace": workspace_id, "among": None if among is None else list(among)}
        )
        return dict(cursor.fetchall())


def requeue(documents: "QuerySet[Document]", *, sealed_password: bytes | None = None) -> int:
    """Queue documents of any status again and reset their attempts; their chunks serve until then.

    Returns their number.
    """
    return documents.update(
        status=Document.Status.QUEUED,
        **IDLE_FIELDS,
        progress=0.0,
        due=Now(),
        attempts=0,
        takeovers=0,
        error_code="",
        error_details={},
        sealed_password=sealed_password,
    )


def due() -> "QuerySet[Document]":
    """Return the documents that a worker could claim now."""
    unfinished = [Document.Status.QUEUED, Document.Status.PROCESSING]
    return Document.objects.filter(
        status__in=unfinished, due__lte=Now(), workspace__deleted__isnull=True
    )
