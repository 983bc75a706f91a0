"""What a paragraph of a Word document says, and what hangs on it: boxes, notes, comments, pictures, charts.

Deletions, hidden field codes and second versions of the same drawing are left out. What the paragraph is (heading, list
item) and where the hanging things go is decided in `word`.
"""

from dataclasses import dataclass, field
from typing import Any

from ingestion.parsing.formulas import M, latex

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
NOT_SAID = {
    *(f"{W}{name}" for name in ("del", "moveFrom", "instrText", "delText", "rt", "pPr", "rPr", "sdtPr", "sdtEndPr")),
    *(f"{W}{name}" for name in ("smartTagPr", "customXmlPr", "annotationRef", "footnoteRef", "endnoteRef")),
}
WRITTEN = {f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
HANGING = {f"{W}footnoteReference": "footnote", f"{W}endnoteReference": "endnote", f"{W}commentReference": "comment"}
# Elements that name another part of the package, by the attribute that does.
DRAWN = {
    "{http://schemas.openxmlformats.org/drawingml/2006/main}blip": f"{R}embed",
    "{urn:schemas-microsoft-com:vml}imagedata": f"{R}id",
    "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart": f"{R}id",
    "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds": f"{R}dm",
}
PAGE_FIELDS = {"PAGE", "NUMPAGES", "SECTIONPAGES"}
PRIVATE = 0xF000


@dataclass(slots=True)
class Said:
    """One paragraph: its text, the page breaks before its first letter and in all, and what hangs on it."""

    parts: list[str] = field(default_factory=list)
    has_begun: bool = False
    breaks_before: int = 0
    breaks: int = 0
    boxes: list[Any] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The words."""
        return "".join(self.parts)

    def say(self, text: str) -> None:
        """Add words."""
        if not self.has_begun and text.strip():
            self.has_begun = True
            self.breaks_before = self.breaks
        self.parts.append(text)


def read_paragraph(paragraph: Any, page_break: str) -> Said:
    """What `paragraph` says; `page_break` is the tag that counts as one."""
    said = Said()
    _read(paragraph, said, page_break, Fields())
    if not said.has_begun:
        said.breaks_before = said.breaks
    return said


class Fields:
    """Which fields are open: what a page number comes to is not text."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._showing: list[bool] = []

    @property
    def silent(self) -> bool:
        """Whether what is written now is a field's code, or a page number."""
        return any(not shows or _is_page_field(code) for code, shows in zip(self._open, self._showing, strict=True))

    def mark(self, kind: str) -> None:
        """Follow a begin, separate or end."""
        if kind == "begin":
            self._open.append("")
            self._showing.append(False)
        elif self._open and kind == "separate":
            self._showing[-1] = True
        elif self._open and kind == "end":
            self._open.pop()
            self._showing.pop()

    def code(self, text: str) -> None:
        """Take in a piece of the innermost field's code."""
        if self._open and not self._showing[-1]:
            self._open[-1] += text


def _read(node: Any, said: Said, page_break: str, fields: Fields) -> None:
    for child in node:
        tag = child.tag
        if tag == f"{W}t":
            if not fields.silent:
                said.say(child.text or "")
        elif tag in WRITTEN:
            said.say(WRITTEN[tag])
        elif tag == f"{W}fldChar":
            fields.mark(child.get(f"{W}fldCharType") or "")
        elif tag == f"{W}instrText":
            fields.code(child.text or "")
        elif tag == f"{W}br" or tag == page_break:
            _break(child, said, page_break)
        elif tag not in NOT_SAID and isinstance(tag, str):
            _read_other(child, said, page_break, fields)


def _read_other(node: Any, said: Said, page_break: str, fields: Fields) -> None:
    tag = node.tag
    if tag == f"{M}oMath":
        said.say(f" {latex(node)} ")
    elif tag == f"{W}sym":
        said.say(_symbol(node))
    elif tag == f"{W}txbxContent":
        said.boxes.append(node)
    elif tag in HANGING:
        said.notes.append((HANGING[tag], node.get(f"{W}id") or ""))
    elif tag == f"{MC}AlternateContent":
        chosen = node.find(f"{MC}Choice")
        _read(node.find(f"{MC}Fallback") if chosen is None else chosen, said, page_break, fields)
    elif not (tag == f"{W}fldSimple" and _is_page_field(node.get(f"{W}instr") or "")):
        if tag in DRAWN and (target := node.get(DRAWN[tag])):
            said.drawn.append(target)
        _read(node, said, page_break, fields)


def _is_page_field(code: str) -> bool:
    return not PAGE_FIELDS.isdisjoint(code.split()[:1])


def _break(node: Any, said: Said, page_break: str) -> None:
    turns_page = node.tag != f"{W}br" or node.get(f"{W}type") == "page"
    if not turns_page:
        said.say("\n")
    elif node.tag == page_break:
        said.breaks += 1


def _symbol(node: Any) -> str:
    """A character given by its number in a font; those of symbol fonts mean nothing without the font."""
    code = node.get(f"{W}char") or ""
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    return chr(number) if 0x20 <= number < PRIVATE and not 0xD800 <= number < 0xE000 else ""
