"""Which paragraphs of a Word document are headings: by their own outline level or that of the style they come from."""

from typing import Any

from lxml import etree

from ingestion.parsing.safexml import parse_xml

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
VAL = f"{W}val"
NAMESPACES = {"w": W[1:-1]}
EMPTY_STYLES = b'<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"/>'
DEEPEST = 8
LONGEST_CHAIN = 20


class HeadingStyles:
    """The styles of one document, to which heading styles can be added."""

    def __init__(self, data: bytes | None) -> None:
        self._root = parse_xml(data or EMPTY_STYLES)
        self._styles = {style.get(f"{W}styleId"): style for style in self._root.iter(f"{W}style")}

    def xml(self) -> bytes:
        """The styles as a part of the package."""
        return bytes(etree.tostring(self._root, encoding="utf-8"))

    def mark(self, document: Any) -> set[str]:
        """Give each paragraph with an outline level a heading style; answers the texts of title paragraphs."""
        named: set[str] = set()
        for paragraph in document.iter(f"{W}p"):
            style = self._style_of(paragraph)
            if self._name(style) == "title":
                named.add("".join(text.text or "" for text in paragraph.iter(f"{W}t")).strip())
            elif not self._name(style).startswith("heading ") and (level := self._level(paragraph, style)) is not None:
                self._restyle(paragraph, style, level)
        return named

    def _style_of(self, paragraph: Any) -> str:
        found = paragraph.find("w:pPr/w:pStyle", NAMESPACES)
        return "" if found is None else found.get(VAL) or ""

    def _name(self, style: str) -> str:
        found = self._styles[style].find(f"{W}name") if style in self._styles else None
        return "" if found is None else (found.get(VAL) or "").lower()

    def _level(self, paragraph: Any, style: str) -> int | None:
        level = _outline_level(paragraph)
        for _step in range(LONGEST_CHAIN):
            if level is not None or style not in self._styles:
                break
            level = _outline_level(self._styles[style])
            parent = self._styles[style].find(f"{W}basedOn")
            style = "" if parent is None else parent.get(VAL) or ""
        return level if level is not None and 0 <= level <= DEEPEST else None

    def _restyle(self, paragraph: Any, style: str, level: int) -> None:
        """Put a heading style of that level before the one the paragraph has, whose numbering it keeps."""
        name = f"{style}__heading{level + 1}"
        if name not in self._styles:
            added = etree.SubElement(self._root, f"{W}style", {f"{W}type": "paragraph", f"{W}styleId": name})
            etree.SubElement(added, f"{W}name", {VAL: f"heading {level + 1}"})
            if style:
                etree.SubElement(added, f"{W}basedOn", {VAL: style})
            self._styles[name] = added
        properties = paragraph.find(f"{W}pPr")
        if properties is None:
            properties = etree.Element(f"{W}pPr")
            paragraph.insert(0, properties)
        for old in properties.findall(f"{W}pStyle"):
            properties.remove(old)
        properties.insert(0, etree.Element(f"{W}pStyle", {VAL: name}))


def _outline_level(node: Any) -> int | None:
    found = node.find("w:pPr/w:outlineLvl", NAMESPACES)
    value = "" if found is None else found.get(VAL) or ""
    return int(value) if value.isdecimal() else None
