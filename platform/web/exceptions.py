"""Refusal: what every app's own errors derive from, so that pages, API and sockets each say them in one place.

Refusal
├── DatabaseAway
├── AccessEnded
├── DiskFull
├── TooManyWaiting (see admission.py)
├── (accounts, workspaces, ingestion, chat, providers: see their own exceptions.py)
"""

from collections.abc import Mapping, Sequence

from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _


class Refusal(Exception):
    """Something a person asked for that cannot be done, with one sentence that says why and what to do.

    `code` is for programs and never changes, the message is for people and is translated; `status` is the HTTP status
    and `errors` says per field what is wrong. `retry_after` is after how many seconds the same may succeed.
    """

    code = "refused"
    status = 400
    retry_after: int | None = None

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        status: int | None = None,
        errors: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.status = status or self.status
        self.errors = dict(errors or {})

    def __str__(self) -> str:
        return str(self.message)


class AccessEnded(Refusal):
    """Who is being answered may not see this any more; it is not told from what does not exist."""

    code = "not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("Not found, or you do not have access."))


class DiskFull(Refusal):
    """There was no room for the bytes; nothing of them is left behind."""

    code = "disk_full"
    status = 507

    def __init__(self) -> None:
        super().__init__(_("The server's disk is full. Nothing was added. Ask your administrator to free space."))


class DatabaseAway(Refusal):
    """The database is not there, or not yet there again."""

    code = "database_unavailable"
    status = 503
    retry_after = 5

    def __init__(self) -> None:
        super().__init__(_("The database is not responding. Try again in a moment."))


# States that PostgreSQL names where there is a connection at all: lost ones, its own shutdown and start, no place left.
_AWAY = ("08", "57P", "53300")


def is_database_away(error: BaseException | None) -> bool:
    """Whether `error` says that the database cannot be reached, rather than that it refuses something."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state: str | None = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(_AWAY)
