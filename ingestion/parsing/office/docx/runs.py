"""The text of a Word paragraph, and its anchored boxes, notes, comments, pictures and charts.

Deletions, hidden text, field codes and second versions of the same drawing are left out. `reader`
decides the kind of a paragraph and the place of its objects.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ingestion.parsing.office.docx.fields import Fields, is_page_field, link_address
from ingestion.parsing.office.docx.styles import OFF_VALUES, PLAIN_LOOK, Styles
from ingestion.parsing.office.omml import M, latex
from ingestion.parsing.office.symbol_fonts import in_symbols
from ingestion.parsing.text.links import address_beside
from ingestion.parsing.text.superscripts import raised

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
SKIPPED_TAGS = {
    *(
        f"{W}{name}"
        for name in ("del", "moveFrom", "delText", "rt", "pPr", "rPr", "sdtPr", "sdtEndPr")
    ),
    *(
        f"{W}{name}"
        for name in ("smartTagPr", "customXmlPr", "annotationRef", "footnoteRef", "endnoteRef")
    ),
}
TEXT_OF_TAG = {f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
NOTE_KIND_OF_TAG = {
    f"{W}footnoteReference": "footnote",
    f"{W}endnoteReference": "endnote",
    f"{W}commentReference": "comment",
}
# Elements that name another part of the package, by the attribute that does.
DRAWING_ATTRIBUTES = {
    "{http://schemas.openxmlformats.org/drawingml/2006/main}blip": f"{R}embed",
    "{urn:schemas-microsoft-com:vml}imagedata": f"{R}id",
    "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart": f"{R}id",
    "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds": f"{R}dm",
}
WORDS, RUN, LINK, SIMPLE_FIELD, SYMBOL = (
    f"{W}{name}" for name in ("t", "r", "hyperlink", "fldSimple", "sym")
)
CHECK_BOX = f"{W}ffData/{W}checkBox"
VAL = f"{W}val"


@dataclass(slots=True)
class ParagraphText:
    """One paragraph: its text, its anchored objects, its page breaks before the text and in all."""

    parts: list[str] = field(default_factory=list)
    has_begun: bool = False
    breaks_before: int = 0
    breaks: int = 0
    boxes: list[Any] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)
    below: list[str] | None = None  # Addresses of links, if they do not go behind the words.

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

    def link(self, start: int, address: str) -> None:
        """Add the address of a link whose words are the parts from `start` on."""
        words = "".join(self.parts[start:])
        if not (shown := address_beside(words, address)):
            return
        if self.below is not None:
            self.below.append(shown)
        else:
            self.parts[start:] = [f"{words.rstrip()} ({shown})", words[len(words.rstrip()) :]]


class ParagraphReader:
    """Reads the paragraphs of one part; `page_break` is the tag that counts as a page break."""

    def __init__(
        self, root: Any, page_break: str, styles: Styles, links: Mapping[str, str]
    ) -> None:
        self._page_break, self._styles, self._links = page_break, styles, links
        self._fields = Fields(root)
        self._said = ParagraphText()
        self._style = self._look = PLAIN_LOOK
        self._raised = ""

    def read(self, paragraph: Any, *, addresses_below: bool = False) -> ParagraphText:
        """Return the text of `paragraph`, with addresses of links behind their words or apart."""
        self._said = said = ParagraphText(below=[] if addresses_below else None)
        self._style = self._look = self._styles.look_of(paragraph)
        self._read(paragraph)
        self._end_raised()
        self._fields.end_paragraph()
        if not said.has_begun:
            said.breaks_before = said.breaks
        return said

    def _read(self, node: Any) -> None:
        for child in node:
            tag = child.tag
            if tag == RUN:
                properties = child.find(f"{W}rPr")
                self._look = (
                    self._style
                    if properties is None
                    else self._styles.look_of_run(properties, self._style)
                )
                self._read(child)
                self._look = self._style
            elif tag == WORDS:
                self._say(child.text or "")
            elif tag in TEXT_OF_TAG:
                self._say(TEXT_OF_TAG[tag])
            elif tag == f"{W}fldChar":
                self._field(child)
            elif tag == f"{W}instrText":
                self._fields.code(child.text or "")
            elif tag == f"{W}br" or tag == self._page_break:
                if tag == f"{W}br" and child.get(f"{W}type") != "page":
                    self._say("\n")
                elif tag == self._page_break:
                    self._said.breaks += 1
            elif tag not in SKIPPED_TAGS and isinstance(tag, str):
                self._read_other(child)

    def _say(self, text: str) -> None:
        look = self._look
        if look is not PLAIN_LOOK:
            if look.hidden:
                return
            text = in_symbols(text, look.font)
        elif not text.isascii():
            text = in_symbols(text, None)
        if self._fields.silent:
            return
        if look.raised:
            self._raised += text
        else:
            self._end_raised()
            self._said.say(text)

    def _end_raised(self) -> None:
        """Add the raised words once they have ended."""
        if self._raised:
            text, self._raised = self._raised, ""
            self._said.say(raised("".join(self._said.parts[-3:]), text))

    def _read_other(self, node: Any) -> None:
        tag = node.tag
        if tag == f"{M}oMath":
            self._say(f" {latex(node)} ")
        elif tag == SYMBOL:
            self._say(_symbol(node))
        elif tag == f"{W}txbxContent":
            self._said.boxes.append(node)
        elif tag in NOTE_KIND_OF_TAG:
            if not self._look.hidden:
                self._said.notes.append((NOTE_KIND_OF_TAG[tag], node.get(f"{W}id") or ""))
        elif tag == f"{MC}AlternateContent":
            chosen = node.find(f"{MC}Choice")
            self._read(node.find(f"{MC}Fallback") if chosen is None else chosen)
        elif tag in (LINK, SIMPLE_FIELD):
            code = node.get(f"{W}instr") or ""
            if not is_page_field(code):
                self._end_raised()
                start = len(self._said.parts)
                self._read(node)
                self._end_raised()
                self._said.link(
                    start, self._links.get(node.get(f"{R}id") or "") or link_address(code)
                )
        else:
            if tag in DRAWING_ATTRIBUTES and (target := node.get(DRAWING_ATTRIBUTES[tag])):
                self._said.drawn.append(target)
            self._read(node)

    def _field(self, mark: Any) -> None:
        self._end_raised()
        silent = self._fields.silent
        ended = self._fields.mark(mark.get(f"{W}fldCharType") or "", len(self._said.parts))
        if (
            ended
            and ended.start is not None
            and (address := link_address(ended.code))
            and not self._fields.silent
        ):
            self._said.link(ended.start, address)
        box = mark.find(CHECK_BOX)
        if box is not None and not silent:
            state = box.find(f"{W}checked")
            state = box.find(f"{W}default") if state is None else state
            self._said.say("☒" if state is not None and state.get(VAL) not in OFF_VALUES else "☐")


def _symbol(node: Any) -> str:
    """Return a character given by its number in a font; "" for signs of unknown fonts."""
    try:
        number = int(node.get(f"{W}char") or "", 16)
    except ValueError:
        return ""
    if not 0x20 <= number <= 0xFFFF or 0xD800 <= number < 0xE000:
        return ""
    text = in_symbols(chr(number), node.get(f"{W}font"))
    return "" if "\ue000" <= text <= "\uf8ff" else text
