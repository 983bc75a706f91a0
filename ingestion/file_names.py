"""Clean names for documents: safe in pages, HTTP headers and file systems.

Pure functions; `documents.services` checks whether a name is taken.
"""

import hashlib
import re
import unicodedata

UNTITLED = "untitled"
MAX_CHARACTERS = 255
MAX_BYTES = 3 * MAX_CHARACTERS  # A Chinese character takes three bytes in UTF-8.
MAX_SUFFIX_CHARACTERS = 20

# Direction marks can display `fdp.exe` as `exe.pdf`; a byte order mark is invisible.
_DIRECTION_MARKS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVISIBLE = re.compile(f"[{_DIRECTION_MARKS}\ufeff\ufff9-\ufffb]")
_CONTROL_CATEGORIES = {"Cc", "Cs", "Cn", "Zl", "Zp"}
_EMPTY_PARTS = {"", ".", ".."}


def clean_name(raw: str) -> str:
    """Return the last part of the path `raw`, printable, in NFC, shortened, never empty."""
    name = _printable(raw.replace("\\", "/").rstrip("/").rpartition("/")[2])
    return UNTITLED if name in _EMPTY_PARTS else _shortened(name)


def clean_path(raw: str) -> str:
    """Return the path `raw` with its folders, each part cleaned as by `clean_name`.

    A shortened path gets a digest, so that two long paths have different names.
    """
    parts = [_printable(part) for part in raw.replace("\\", "/").split("/")]
    path = "/".join(part for part in parts if part not in _EMPTY_PARTS) or UNTITLED
    return (
        path
        if _fits(path)
        else _shortened(path, mark="~" + hashlib.sha256(path.encode()).hexdigest()[:8])
    )


def _printable(raw: str) -> str:
    seen = "".join(
        " " if unicodedata.category(c) in _CONTROL_CATEGORIES else c
        for c in _INVISIBLE.sub("", raw)
    )
    return " ".join(unicodedata.normalize("NFC", seen.replace("\x00", "")).split())


def _fits(name: str) -> bool:
    return len(name) <= MAX_CHARACTERS and len(name.encode()) <= MAX_BYTES


def _shortened(name: str, *, mark: str = "") -> str:
    if _fits(name):
        return name
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending) > MAX_SUFFIX_CHARACTERS:
        stem, dot, ending = name, "", ""
    end = mark + dot + ending
    stem = stem[: MAX_CHARACTERS - len(end)]
    room = MAX_BYTES - len(end.encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip() + end
