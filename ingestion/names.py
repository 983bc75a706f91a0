"""What a document may be called: names come from strangers' machines, and end up in pages, headers and file systems.

Pure functions; whether a name is taken is for `services`.
"""

import re
import unicodedata

UNTITLED = "untitled"
MAX_CHARACTERS = 255
MAX_BYTES = 3 * MAX_CHARACTERS  # What as many Chinese characters take.
LONGEST_ENDING = 20

# Marks that turn the reading direction make `exe.pdf` out of `fdp.exe`; a byte order mark and the like cannot be seen.
_DIRECTION = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNSEEN = re.compile(f"[{_DIRECTION}\ufeff\ufff9-\ufffb]")
_CONTROL_CATEGORIES = {"Cc", "Cs", "Cn", "Zl", "Zp"}


def clean_name(raw: str) -> str:
    """Return `raw` as the name of a document: the last part of a path, printable, in NFC, not too long, never empty."""
    last = raw.replace("\\", "/").rstrip("/").rpartition("/")[2]
    seen = "".join(" " if unicodedata.category(c) in _CONTROL_CATEGORIES else c for c in _UNSEEN.sub("", last))
    name = " ".join(unicodedata.normalize("NFC", seen.replace("\x00", "")).split())
    return UNTITLED if name in {"", ".", ".."} else _shortened(name)


def _shortened(name: str) -> str:
    if len(name) <= MAX_CHARACTERS and len(name.encode()) <= MAX_BYTES:
        return name
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending) > LONGEST_ENDING:
        stem, dot, ending = name, "", ""
    stem = stem[: MAX_CHARACTERS - len(dot + ending)]
    room = MAX_BYTES - len((dot + ending).encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip() + dot + ending
