"""Refusal, the base of every app's errors, which pages, API and sockets each map in one place.

Refusal
├── DatabaseAway
├── AccessEnded
├── DiskFull
├── TooManyWaiting (see admission.py)
├── (accounts, workspaces, ingestion, chat, providers: see their exceptions.py)
"""

from collections.abc import Mapping, Sequence

from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _


class Refusal(Exception):
    """A request that cannot be fulfilled, with one sentence of reason and remedy.

    `code` is for programs and never changes; the message is for users and is translated. `status`
    is the HTTP status, `errors` holds messages by field, and `retry_after` is the number of seconds
    after which a retry may succeed.
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
    """The caller has lost access; the response is the same as for a missing object."""

    code = "not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("Not found, or you do not have access."))


class DiskFull(Refusal):
    """The disk is full; no partial file is left."""

    code = "disk_full"
    status = 507

    def __init__(self) -> None:
        super().__init__(
            _("The server's disk is full. Nothing was added. Ask your administrator to free space.")
        )


class DatabaseAway(Refusal):
    """The database cannot be reached."""

    code = "database_unavailable"
    status = 503
    retry_after = 5

    def __init__(self) -> None:
        super().__init__(_("The database is not responding. Try again in a moment."))


# SQLSTATE prefixes: lost connection, shutdown and start of the server, too many connections.
_UNREACHABLE_SQLSTATES = ("08", "57P", "53300")


def is_database_away(error: BaseException | None) -> bool:
    """Whether `error` means that the database cannot be reached."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state: str | None = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(_UNREACHABLE_SQLSTATES)
