"""Sentences for the error codes of documents, in the reader's language.

Errors of processing have their sentences here, unreadable documents in `reading`.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ingestion.errors import fetching, reading
from ingestion.errors.exceptions import PARSER_CRASHED
from web.sentences import read_again

INTERNAL = "internal"
WORKER_DIED = "worker_died"
DISK_FULL = "disk_full"
DATABASE_UNAVAILABLE = "database_unavailable"
TOO_LARGE = "too_large"
MODEL_NOT_FOUND = "model_not_found"
NAME_MISSING = "name_missing"

# Failures whose cause may be in the program, so that another version may read the document.
FAULTS_OF_THE_PROGRAM = (INTERNAL, WORKER_DIED, PARSER_CRASHED)

SENTENCES = {
    **fetching.SENTENCES,
    INTERNAL: gettext_noop(
        "Something went wrong while processing this document. The error has been logged. Try again, or ask your"
        " administrator."
    ),
    WORKER_DIED: gettext_noop(
        "Processing this document failed several times. Try again, or split it into smaller files."
    ),
    DISK_FULL: gettext_noop(
        "The server's disk is full. Ask your administrator to free space, then try again."
    ),
    MODEL_NOT_FOUND: gettext_noop(
        "There is no embedding model “%(model)s”. Choose another one in the workspace's settings, then try again."
    ),
    DATABASE_UNAVAILABLE: gettext_noop(
        "The database did not respond while this document was processed. Try again."
    ),
}


def sentence(code: str, details: Mapping[str, Any]) -> str:
    """Return the sentence for `code`; `details` may hold a `reason`, or a provider's `message`."""
    if known := SENTENCES.get(code):
        return _(known) % details
    if message := details.get("message"):
        return read_again(message)
    return reading.sentence(code, str(details.get("reason", "")))


def error(code: str, details: Mapping[str, Any]) -> dict[str, str] | None:
    """Return `code` with its sentence, for programs and pages; None without an error."""
    return {"code": code, "message": sentence(code, details)} if code else None
