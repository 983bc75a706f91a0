"""What can go wrong while a page is fetched or a folder followed: a code each, and a sentence made when it is shown."""

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
        "Web pages are not fetched by this server; an administrator turns it on with the setting FETCH_ALLOW."
    ),
    ADDRESS_INVALID: gettext_noop(
        "This is not the address of a web page; enter one that begins with http:// or https://."
    ),
    ADDRESS_REFUSED: gettext_noop(
        "“%(host)s” is not among the addresses that this server may fetch from; an administrator adds some with the"
        " setting FETCH_ALLOW."
    ),
    ROBOTS: gettext_noop(
        "“%(host)s” asks programs not to fetch this page (robots.txt); save it in your browser and add the file."
    ),
    UNREACHABLE: gettext_noop("“%(host)s” could not be reached; check the address, then try again."),
    SLOW: gettext_noop("“%(host)s” took longer than %(seconds)s seconds to send this page; try again later."),
    STATUS: gettext_noop(
        "“%(host)s” did not hand the page out and answered %(status)s; check that it opens in a browser without"
        " signing in."
    ),
    BUSY: gettext_noop("“%(host)s” is busy or out of order and answered %(status)s; try again later."),
    GONE: gettext_noop("“%(host)s” has no such page and answered %(status)s; check the address."),
    REDIRECTS: gettext_noop(
        "“%(host)s” leads from one address to the next without an end; open it in a browser and check."
    ),
    GARBLED: gettext_noop(
        "What “%(host)s” sent could not be understood; save the page in your browser and add the file."
    ),
    FOLDER_NOT_ALLOWED: gettext_noop(
        "This folder may not be followed; an administrator names the folders that may in the setting WATCH_ROOTS."
    ),
    FOLDER_MISSING: gettext_noop(
        "This folder cannot be opened, and its documents stay as they are; check that the share is mounted and that the"
        " server may read it."
    ),
    FOLDER_EMPTY: gettext_noop(
        "This folder is empty all of a sudden, as when a share is not mounted, so its documents stay; disconnect the"
        " folder if they are to go."
    ),
    FOLDER_IN_PART: gettext_noop(
        "A folder in here cannot be read, so no document is deleted until it can; check who may read it."
    ),
    FILE_UNREADABLE: gettext_noop("The server cannot read this file (%(reason)s); check who may read it."),
    FILE_TOO_LARGE: gettext_noop(
        "This is larger than the %(limit)s MB that one document may have; split it into parts."
    ),
    FILE_FAILED: gettext_noop(
        "Something went wrong here with this file, and stands in the server's log; it is tried again with every look at"
        " the folder."
    ),
}
TEMPORARY = {UNREACHABLE, SLOW, BUSY}


class FetchFailed(Exception):
    """A page was not fetched. Code and details are plain, so that they can be stored and worded for whoever looks."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code, details)
        self.code = code
        self.details = details

    @property
    def is_temporary(self) -> bool:
        """Whether another try may help by itself."""
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
