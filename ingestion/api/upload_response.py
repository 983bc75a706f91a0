"""The response to an upload: one row per file, in order, under one HTTP status."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.response import Response

from ingestion.api.serializers import DocumentSerializer
from ingestion.documents.services import Added, Refused
from web.api.problems import PROBLEM_MEDIA_TYPE, problem
from web.exceptions import Refusal

# Shared, since building the fields of a serializer takes longer than serializing a document.
_rows = DocumentSerializer()


def answer_of(outcomes: Sequence[Added | Refused]) -> Response:
    """Return 202 if any document was added or exists, else a problem with the same rows.

    Raises `Refusal` for a request without files.
    """
    if not outcomes:
        raise Refusal(
            _("The request has no file; send each file in a part named “file”."), code="no_file"
        )
    rows = [row_of(outcome) for outcome in outcomes]
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    if len(refused) < len(outcomes):
        return Response({"results": rows}, status=status.HTTP_202_ACCEPTED)
    return Response(
        problem_of(refused, rows), status=_status_of(refused), content_type=PROBLEM_MEDIA_TYPE
    )


def row_of(outcome: Added | Refused) -> dict[str, Any]:
    """Return the row of one file: the document, or its error."""
    if isinstance(outcome, Refused):
        return {"name": outcome.name, "error": {"code": outcome.code, "message": outcome.message}}
    row = _rows.to_representation(outcome.document)
    return row | {mark: True for mark in ("duplicate", "skipped") if getattr(outcome, mark)}


def problem_of(refused: Sequence[Refused], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the problem for an upload of which every file was refused."""
    codes = {outcome.code for outcome in refused}
    detail = (
        refused[0].message
        if len(refused) == 1
        else _("No document was added; see the reason beside each file.")
    )
    return problem(
        _status_of(refused), codes.pop() if len(codes) == 1 else "refused", detail, results=rows
    )


def _status_of(refused: Sequence[Refused]) -> int:
    statuses = {outcome.status for outcome in refused}
    return statuses.pop() if len(statuses) == 1 else status.HTTP_400_BAD_REQUEST
