"""The sentence for each code that a document may have failed with, in the language of whoever looks.

Why a document itself cannot be read is said in `reading`; here stands what went wrong around it. Nothing is decided.
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
        "Something went wrong here while this document was read, and stands in the server's log; try again,"
        " or tell an administrator."
    ),
    WORKER_DIED: gettext_noop(
        "The program that reads documents stopped several times over this one; try again, or add it in smaller parts."
    ),
    DISK_FULL: gettext_noop(
        "The server's disk is full; an administrator has to make room before this can be tried again."
    ),
    MODEL_NOT_FOUND: gettext_noop(
        "There is no embedding model “%(model)s” here; choose another one in the workspace's settings, then try again."
    ),
    DATABASE_UNAVAILABLE: gettext_noop("The database did not answer while this document was read; try again."),
}


def sentence(code: str, details: Mapping[str, Any]) -> str:
    """Return what to tell people about `code`; `details` may hold a narrower `reason`, or a provider's `message`."""
    if known := SENTENCES.get(code):
        return _(known) % details
    if message := details.get("message"):
        return read_again(message)
    return reading.sentence(code, str(details.get("reason", "")))


def error(code: str, details: Mapping[str, Any]) -> dict[str, str] | None:
    """Return `code` with its sentence, as programs and pages show it; None where nothing went wrong."""
    return {"code": code, "message": sentence(code, details)} if code else None
