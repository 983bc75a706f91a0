"""Errors of fetching web pages and watching folders: codes, and a sentence for each code."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

FETCHING_IS_OFF = "fetch_off"
ADDRESS_INVALID = "fetch_address_invalid"
ADDRESS_REFUSED = "fetch_address_refused"
ROBOTS = "fetch_robots"
UNREACHABLE = "fetch_unreachable"
SLOW = "fetch_slow"
STATUS = "fetch_status"
BUSY = "fetch_busy"
GONE = "fetch_gone"
REDIRECTS = "fetch_redirects"
GARBLED = "fetch_garbled"

FOLDER_NOT_ALLOWED = "folder_not_allowed"
FOLDER_MISSING = "folder_missing"
FOLDER_EMPTY = "folder_empty"
FOLDER_IN_PART = "folder_in_part"
FILE_UNREADABLE = "file_unreadable"
FILE_TOO_LARGE = "file_too_large"
FILE_FAILED = "file_failed"

SENTENCES = {
    FETCHING_IS_OFF: gettext_noop(
        "Web pages are turned off on this server. An administrator can allow them with the setting FETCH_ALLOW."
    ),
    ADDRESS_INVALID: gettext_noop("Enter a web address that starts with http:// or https://."),
    ADDRESS_REFUSED: gettext_noop(
        "This server is not allowed to fetch from “%(host)s”. An administrator can allow it with the setting"
        " FETCH_ALLOW."
    ),
    ROBOTS: gettext_noop(
        "“%(host)s” does not allow automatic access to this page (robots.txt). Save the page in your browser and"
        " upload the file."
    ),
    UNREACHABLE: gettext_noop("“%(host)s” is not reachable. Check the address and try again."),
    SLOW: gettext_noop(
        "“%(host)s” did not send the page within the limit of %(seconds)s seconds. Try again later."
    ),
    STATUS: gettext_noop(
        "“%(host)s” refused access to the page (status %(status)s). Check that the page opens in a browser without"
        " signing in."
    ),
    BUSY: gettext_noop("“%(host)s” is busy or has an error (status %(status)s). Try again later."),
    GONE: gettext_noop(
        "The page was not found on “%(host)s” (status %(status)s). Check the address."
    ),
    REDIRECTS: gettext_noop(
        "“%(host)s” redirects too many times. Open the address in a browser to check it."
    ),
    GARBLED: gettext_noop(
        "The response from “%(host)s” could not be read. Save the page in your browser and upload the file."
    ),
    FOLDER_NOT_ALLOWED: gettext_noop(
        "This folder is not allowed. An administrator can allow folders with the setting WATCH_ROOTS."
    ),
    FOLDER_MISSING: gettext_noop(
        "This folder cannot be opened. Its documents are kept. Check that the share is mounted and that the server"
        " has read permission."
    ),
    FOLDER_EMPTY: gettext_noop(
        "This folder is suddenly empty, so its documents are kept. Check that the share is mounted, or disconnect the"
        " folder to delete them."
    ),
    FOLDER_IN_PART: gettext_noop(
        "A subfolder cannot be read, so no documents are deleted. Check its read permissions."
    ),
    FILE_UNREADABLE: gettext_noop(
        "The server cannot read this file (%(reason)s). Check its read permissions."
    ),
    FILE_TOO_LARGE: gettext_noop(
        "This file exceeds the limit of %(limit)s MB. Split it into smaller files."
    ),
    FILE_FAILED: gettext_noop(
        "Something went wrong with this file. The error has been logged; the next scan of the folder tries again."
    ),
}
TEMPORARY = {UNREACHABLE, SLOW, BUSY}


class FetchFailed(Exception):
    """A page was not fetched. `code` and `details` can be stored, and made a sentence later."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code, details)
        self.code = code
        self.details = details

    @property
    def is_temporary(self) -> bool:
        """Whether a retry may succeed without a change."""
        return self.code in TEMPORARY

    @property
    def message(self) -> str:
        """One sentence in the active language."""
        return sentence(self.code, self.details)

    def __str__(self) -> str:
        return self.message


def sentence(code: str, details: Mapping[str, Any]) -> str:
    """Return the sentence for `code`, in the active language."""
    return _(SENTENCES[code]) % details
