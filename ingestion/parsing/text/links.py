"""The notation of links for all formats: the address in brackets after the words."""

import re
from typing import Final
from urllib.parse import unquote

ADDRESS: Final = re.compile(r"(?:https?://|mailto:)[^\s<>]+", re.I)
# Longer addresses carry data for a server and are not worth citing.
MAX_ADDRESS_CHARACTERS: Final = 500


def with_address(text: str, address: str | None) -> str:
    """Return `text` followed by the address of its link: `the form (https://example.org/form)`."""
    shown = address_beside(text, address)
    return f"{text} ({shown})" if shown else text


def address_beside(text: str, address: str | None) -> str:
    """Return the web or mail address to show beside `text`; "" if `text` contains it."""
    address = (address or "").strip().replace(" ", "%20")
    if len(address) > MAX_ADDRESS_CHARACTERS or not ADDRESS.fullmatch(address) or not text.strip():
        return ""
    if address[:7].lower() == "mailto:":
        address = address.partition("?")[0]
    return "" if _comparable(address).removeprefix("mailto:") in _comparable(text) else address


def _comparable(text: str) -> str:
    return unquote("".join(text.split())).rstrip("/").lower()
