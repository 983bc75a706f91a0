"""Fields of Word documents: their results are text, except page numbers and contents.

A field consists of begin, code, separator, result and end; a table of contents spans many
paragraphs. The code of a link holds its address.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PAGE_FIELDS: Final = {"PAGE", "NUMPAGES", "SECTIONPAGES"}
CONTENTS_FIELD: Final = "TOC"
ADDRESS: Final = re.compile(r'\s*HYPERLINK\s+(?:"([^"]*)"|([^\s"\\]+))', re.IGNORECASE)
CONTENTS_GALLERY: Final = f"{W}sdtPr/{W}docPartObj/{W}docPartGallery"
CONTENTS_NAME: Final = "Table of Contents"


@dataclass(slots=True)
class Field:
    """An open field: its code so far, whether its result has begun, and at which piece of text."""

    code: str = ""
    shows: bool = False
    start: int | None = None


class Fields:
    """The fields that are open in one part of a document.

    A field may span paragraphs only if every field of the part that begins also ends.
    """

    def __init__(self, root: Any) -> None:
        kinds = [mark.get(f"{W}fldCharType") for mark in root.iter(f"{W}fldChar")]
        self._is_whole = kinds.count("begin") == kinds.count("end")
        self._open: list[Field] = []

    @property
    def silent(self) -> bool:
        """Whether the text here is a field's code, a page number or a table of contents."""
        for field in self._open:
            name = "".join(field.code.split()[:1]).upper()
            if (
                not field.shows
                or name in PAGE_FIELDS
                or (name == CONTENTS_FIELD and self._is_whole)
            ):
                return True
        return False

    def mark(self, kind: str, place: int) -> Field | None:
        """Follow a begin, separate or end at the piece `place` of text; return an ended field."""
        if kind == "begin":
            self._open.append(Field())
        elif self._open and kind == "separate":
            self._open[-1].shows, self._open[-1].start = True, place
        elif self._open and kind == "end":
            return self._open.pop()
        return None

    def code(self, text: str) -> None:
        """Take in a piece of the innermost field's code."""
        if self._open and not self._open[-1].shows:
            self._open[-1].code += text

    def end_paragraph(self) -> None:
        """Leave the paragraph: neither code nor links continue in the next one."""
        for field in self._open:
            field.shows, field.start = True, None


def is_page_field(code: str) -> bool:
    """Whether a field with this code shows a page number or a page count."""
    return not PAGE_FIELDS.isdisjoint(code.split()[:1])


def link_address(code: str) -> str:
    """Return the address in the code of a field; "" if the field is no link."""
    found = ADDRESS.match(code)
    return (found[1] or found[2] or "") if found else ""


def is_contents(block: Any) -> bool:
    """Whether a structured block is the table of contents that Word made."""
    gallery = block.find(CONTENTS_GALLERY) if block.tag == f"{W}sdt" else None
    return gallery is not None and gallery.get(f"{W}val") == CONTENTS_NAME
