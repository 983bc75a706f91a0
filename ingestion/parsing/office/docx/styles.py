"""Styles of Word documents: which paragraphs are headings, titles, list items, captions, code."""

import re
from typing import Any, NamedTuple

from ingestion.parsing.elements import (
    Category,
    CodeSnippet,
    FigureCaption,
    ListItem,
    NarrativeText,
    Title,
)
from ingestion.parsing.markup.safe_xml import parse_xml
from ingestion.parsing.office.symbol_fonts import TABLES as SYMBOL_FONTS

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
VAL = f"{W}val"
NAMESPACES = {"w": W[1:-1]}
OFF_VALUES = ("0", "false", "off")
LOOK_TAGS = {f"{W}{name}" for name in ("rStyle", "vanish", "rFonts", "vertAlign")}
MAX_OUTLINE_LEVEL = 8
MAX_CHAIN_STYLES = 20
# Word writes the names of built-in styles in English in every language; other programs translate
# them.
HEADING_NAME = re.compile(
    r"(?:heading|标题|標題|見出し|제목|überschrift|titre|título|titolo|kop|rubrik|nagłówek|заголовок)\s*([1-9])"
)
TITLE_NAMES = {"title", "标题", "標題"}
KINDS = (
    (re.compile(r"list (?!paragraph)\w+.*|列表.*|列出.*"), ListItem),
    (re.compile(r"caption|题注|題注|标号|table caption|image caption"), FigureCaption),
    (
        re.compile(
            r"source code|code|code block|html preformatted|preformatted text|macro text|代码.*"
        ),
        CodeSnippet,
    ),
)


class RunLook(NamedTuple):
    """The formatting of a run that affects its text; `font` is a symbol font or None."""

    hidden: bool = False
    font: str | None = None
    raised: bool = False


PLAIN_LOOK = RunLook()


class Styles:
    """The styles of one document."""

    def __init__(self, part: bytes | None) -> None:
        root = parse_xml(part) if part else ()
        self._styles = {
            style.get(f"{W}styleId"): style for style in root if style.tag == f"{W}style"
        }
        defaults = (
            key
            for key, style in self._styles.items()
            if style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true")
        )
        self._default = next(defaults, None) or ""
        self._kinds: dict[str, tuple[Category, int | None]] = {}
        self._looks: dict[str, RunLook] = {}

    def kind_of(self, paragraph: Any) -> tuple[Category, int | None]:
        """Kind and level of a paragraph; its own properties precede those of its style."""
        style = self.style_of(paragraph)
        if style not in self._kinds:
            self._kinds[style] = self._kind_of_style(style)
        kind, level = self._kinds[style]
        own = _outline_level(paragraph)
        if own is not None and (kind is not Title or level):
            return (Title, own + 1) if own <= MAX_OUTLINE_LEVEL else (NarrativeText, None)
        return kind, level

    def style_of(self, paragraph: Any) -> str:
        """The id of the paragraph's style."""
        found = paragraph.find("w:pPr/w:pStyle", NAMESPACES)
        return self._default if found is None else found.get(VAL) or ""

    def numbering_of(self, paragraph: Any) -> tuple[str, int | None] | None:
        """The list of the paragraph, and its level there if stated; None without a list."""
        own = paragraph.find("w:pPr/w:numPr", NAMESPACES)
        number, level = _numbering(own)
        for style in self._chain(self.style_of(paragraph)):
            if number is not None and level is not None:
                break
            from_style, its_level = _numbering(style.find("w:pPr/w:numPr", NAMESPACES))
            number = from_style if number is None else number
            level = its_level if level is None else level
        return (number, level) if number not in (None, "0") else None

    def lineage(self, paragraph: Any) -> list[str]:
        """Return the ids of the paragraph's style and of those that it is based on."""
        return [style.get(f"{W}styleId") for style in self._chain(self.style_of(paragraph))]

    def look_of(self, paragraph: Any) -> RunLook:
        """Return the formatting of runs in a paragraph that have none themselves."""
        return self._look_of_style(self.style_of(paragraph))

    def look_of_run(self, properties: Any, look: RunLook) -> RunLook:
        """Return the formatting of a run with `properties` in a paragraph with `look`."""
        changes = [node for node in properties if node.tag in LOOK_TAGS]
        for node in changes:
            if (
                node.tag == f"{W}rStyle"
                and (style := self._look_of_style(node.get(VAL) or "")) is not PLAIN_LOOK
            ):
                look = RunLook(
                    look.hidden != style.hidden,
                    style.font or look.font,
                    style.raised or look.raised,
                )
        for node in changes:
            look = _changed(look, node)
        return look if changes and look != PLAIN_LOOK else PLAIN_LOOK if changes else look

    def _look_of_style(self, style: str) -> RunLook:
        if style not in self._looks:
            look = PLAIN_LOOK
            for ancestor in reversed(self._chain(style)):
                for node in ancestor.iterfind("w:rPr/*", NAMESPACES):
                    look = _changed(look, node)
            self._looks[style] = look if look != PLAIN_LOOK else PLAIN_LOOK
        return self._looks[style]

    def _kind_of_style(self, style: str) -> tuple[Category, int | None]:
        for ancestor in self._chain(style):
            named = ancestor.find(f"{W}name")
            name = "" if named is None else (named.get(VAL) or "").strip().lower()
            if name in TITLE_NAMES:
                return Title, None
            if heading := HEADING_NAME.fullmatch(name):
                return Title, int(heading[1])
            if (level := _outline_level(ancestor)) is not None:
                return (Title, level + 1) if level <= MAX_OUTLINE_LEVEL else (NarrativeText, None)
            for pattern, kind in KINDS:
                if pattern.fullmatch(name):
                    return kind, None
        return NarrativeText, None

    def _chain(self, style: str) -> list[Any]:
        """The style and those that it is based on."""
        chain: list[Any] = []
        while style in self._styles and len(chain) < MAX_CHAIN_STYLES:
            chain.append(self._styles[style])
            parent = self._styles[style].find(f"{W}basedOn")
            style = "" if parent is None else parent.get(VAL) or ""
        return chain


def _changed(look: RunLook, node: Any) -> RunLook:
    if node.tag == f"{W}vanish":
        return look._replace(hidden=node.get(VAL) not in OFF_VALUES)
    if node.tag == f"{W}vertAlign":
        return look._replace(raised=node.get(VAL) == "superscript")
    if node.tag == f"{W}rFonts":
        font = node.get(f"{W}ascii") or node.get(f"{W}hAnsi") or ""
        return look._replace(font=font if font.strip().lower() in SYMBOL_FONTS else None)
    return look


def _outline_level(node: Any) -> int | None:
    found = node.find("w:pPr/w:outlineLvl", NAMESPACES)
    value = "" if found is None else found.get(VAL) or ""
    return int(value) if value.isdecimal() else None


def _numbering(node: Any) -> tuple[str | None, int | None]:
    if node is None:
        return None, None
    number, level = node.find(f"{W}numId"), node.find(f"{W}ilvl")
    depth = "" if level is None else level.get(VAL) or ""
    return (None if number is None else number.get(VAL)), (
        int(depth) if depth.isdecimal() else None
    )
