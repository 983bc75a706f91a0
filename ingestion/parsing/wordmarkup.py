"""Word's XML made plain, so that `unstructured` sees every sentence once and every heading as one.

It reads only runs directly in a paragraph and knows headings by the names of built-in styles. So wrappers go (content
controls, insertions, smart tags), deletions go, text boxes, notes and formulas become text in their place, and a
paragraph whose style has an outline level gets a heading style.
"""

from typing import Any

from lxml import etree

from ingestion.exceptions import CORRUPT, UnreadableDocument
from ingestion.parsing.officepackages import CleanPackage
from ingestion.parsing.safexml import parse_xml
from ingestion.parsing.wordstyles import HeadingStyles

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
GONE = (
    f"{W}del",
    f"{W}moveFrom",
    f"{W}instrText",
    f"{W}delText",
    f"{MC}Fallback",
    f"{W}rt",
    f"{W}sectPrChange",
    f"{W}pPrChange",
    f"{W}rPrChange",
    f"{W}sdtPr",
    f"{W}sdtEndPr",
    f"{W}smartTagPr",
    f"{W}customXmlPr",
)
WRAPPERS = (
    f"{W}ins",
    f"{W}moveTo",
    f"{W}smartTag",
    f"{W}sdt",
    f"{W}sdtContent",
    f"{W}customXml",
    f"{W}fldSimple",
    f"{W}bdo",
    f"{W}dir",
    f"{MC}AlternateContent",
    f"{MC}Choice",
)
NOTES = (("word/footnotes.xml", f"{W}footnote"), ("word/endnotes.xml", f"{W}endnote"))


def plain_document(package: CleanPackage) -> set[str]:
    """Rewrite the document's main part in `package`; answers the texts of its title paragraphs."""
    main = _main_part(package)
    root = _plain(package.parts[main])
    _hoist_text_boxes(root)
    _append_notes(root, package)
    styles = HeadingStyles(package.parts.get("word/styles.xml"))
    named = styles.mark(root)
    package.parts["word/styles.xml"] = styles.xml()
    package.parts[main] = etree.tostring(root, encoding="utf-8")
    return named


def _plain(part: bytes) -> Any:
    """The root of a part, without wrappers and what readers do not see."""
    root = parse_xml(part)
    etree.strip_elements(root, *GONE, with_tail=False)
    etree.strip_tags(root, *WRAPPERS)
    for ruby in list(root.iter(f"{W}ruby")):
        _unwrapped_ruby(ruby)
    for formula in list(root.iter(f"{M}oMath")):
        _as_run(formula)
    return root


def _main_part(package: CleanPackage) -> str:
    for relation in parse_xml(package.parts.get("_rels/.rels") or b"<none/>"):
        if (relation.get("Type") or "").endswith("/officeDocument"):
            name = (relation.get("Target") or "").lstrip("/")
            if name in package.parts:
                return name
    raise UnreadableDocument(CORRUPT)


def _unwrapped_ruby(ruby: Any) -> None:
    """The base text of a reading aid, as runs of the paragraph."""
    run = ruby.getparent()
    for inner in list(ruby.iter(f"{W}r")):
        run.addprevious(inner)
    run.remove(ruby)


def _as_run(formula: Any) -> None:
    text = "".join(piece.text or "" for piece in formula.iter(f"{M}t"))
    parent = formula.getparent()
    if parent.tag == f"{M}oMathPara" and parent.getparent() is not None:
        parent.addprevious(_run(text))
        parent.remove(formula)
    else:
        parent.replace(formula, _run(text))


def _run(text: str) -> Any:
    run = etree.Element(f"{W}r")
    etree.SubElement(run, f"{W}t").text = text
    return run


def _hoist_text_boxes(root: Any) -> None:
    """Put what stands in a text box after the paragraph that anchors it."""
    for box in list(root.iter(f"{W}txbxContent")):
        anchor = next(
            (above for above in box.iterancestors(f"{W}p") if above.getparent().tag != f"{W}txbxContent"), None
        )
        if anchor is None:
            continue
        blocks = list(box)
        box.getparent().remove(box)
        for block in reversed(blocks):
            anchor.addnext(block)


def _append_notes(root: Any, package: CleanPackage) -> None:
    body = root.find(f"{W}body")
    if body is None:
        raise UnreadableDocument(CORRUPT)
    end = body.find(f"{W}sectPr")
    for name, tag in NOTES:
        if name not in package.parts:
            continue
        for note in _plain(package.parts[name]).iter(tag):
            if note.get(f"{W}type") in (None, "normal"):
                for paragraph in note.iter(f"{W}p"):
                    body.append(paragraph) if end is None else end.addprevious(paragraph)
