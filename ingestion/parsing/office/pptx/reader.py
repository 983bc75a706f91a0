"""Presentations (PPTX), read from the XML inside: each slide is a page, its title a heading."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ingestion.parsing.elements import Element, ListItem, NarrativeText, Parsed, Title, make_element
from ingestion.parsing.markup.safe_xml import parse_xml
from ingestion.parsing.office.drawings import A, drawn_elements, drawn_text, paragraph_text
from ingestion.parsing.office.pptx.numbering import ParagraphNumbers
from ingestion.parsing.office.sanitize import CleanPackage, Relation, core_title, open_office
from ingestion.parsing.options import Options
from ingestion.parsing.progress import Progress
from ingestion.parsing.text.cleaning import clean_elements, title_of
from ingestion.parsing.text.links import address_beside
from ingestion.parsing.text.tables import (
    MAX_REPEATED_CHARACTERS,
    table_elements,
    without_empty_columns,
)

P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
# Elements that name another part of the package, by the attribute that does.
DRAWING_ATTRIBUTES = {f"{C}chart": f"{R}id", f"{DGM}relIds": f"{R}dm", f"{A}blip": f"{R}embed"}
TITLES = {"title", "ctrTitle"}
ON_EVERY_SLIDE = {"sldNum", "dt", "ftr", "hdr"}
PLACEHOLDER = f"*/{P}nvPr/{P}ph"
# A centimetre in English Metric Units; shapes closer in height are in one row.
ROW_EMU = 360_000
FIRST, LAST = (0, 0), (10**12, 0)
Places = dict[str, tuple[int, int]]  # By number, else type, of a placeholder: top and left.
# Placeholders whose paragraphs have bullets by default.
LISTED = {"body", "obj", ""}


def read_pptx(
    path: Path, *, name: str, password: str | None, progress: Progress, options: Options
) -> Parsed:
    """Read a presentation."""
    package = open_office(path, password)
    main = package.main_part()
    relations = package.relations(main)
    listed = [
        entry.get(f"{R}id") or "" for entry in parse_xml(package.parts[main]).iter(f"{P}sldId")
    ]
    slides = [
        relations[key].part
        for key in listed
        if key in relations and package.parts.get(relations[key].part)
    ]
    elements: list[Element] = []
    for number, part in enumerate(slides, start=1):
        elements += clean_elements(Slide(package, part, number, options).elements())
        progress(number / len(slides))
    return Parsed(tuple(elements), title_of(core_title(package), elements), len(slides) or None)


class Slide:
    """Reads one slide from XML to elements."""

    def __init__(self, package: CleanPackage, part: str, number: int, options: Options) -> None:
        self._package = package
        self._options = options
        self._part = part
        self._number = number
        self._relations = package.relations(part)
        self._links = package.links(part)

    def elements(self) -> Iterator[Element]:
        """The title, then the other shapes in reading order, then notes and comments."""
        shapes = list(_shapes(parse_xml(self._package.parts[self._part]), self._places_of_layout()))
        titles = [shape for shape in shapes if _placeholder(shape) in TITLES and drawn_text(shape)]
        for title in titles[:1]:
            yield make_element(Title, drawn_text(title), self._number, 1)
            yield from self._addresses(title)
        for shape in shapes:
            if shape in titles[:1] or _placeholder(shape) in ON_EVERY_SLIDE:
                continue
            if shape.tag != f"{P}graphicFrame":
                yield from self._paragraphs(shape)
            for table in shape.iter(f"{A}tbl"):
                yield from table_elements(
                    without_empty_columns(_rows(table, self._links)), self._number
                )
            for node in shape.iter(*DRAWING_ATTRIBUTES):
                if relation := self._relations.get(node.get(DRAWING_ATTRIBUTES[node.tag]) or ""):
                    yield from drawn_elements(self._package, relation, self._number, self._options)
        yield from self._notes_and_comments()

    def _places_of_layout(self) -> Places:
        """The positions of placeholders in the layout, for shapes without a position."""
        places: Places = {}
        for relation in self._of_kind("slideLayout"):
            for shape in parse_xml(self._package.parts[relation.part]).iter(f"{P}sp"):
                if (place := _own_place(shape)) and (found := shape.find(PLACEHOLDER)) is not None:
                    places[_key(found)] = place
        return places

    def _paragraphs(self, shape: Any) -> Iterator[Element]:
        placeholder = _placeholder(shape)
        listed = placeholder in LISTED and placeholder is not None
        count = ParagraphNumbers()
        for paragraph in shape.iter(f"{A}p"):
            kind = ListItem if _has_bullet(paragraph, default=listed) else NarrativeText
            text = paragraph_text(paragraph, self._links).strip()
            yield make_element(
                kind, f"{count.label(paragraph)} {text}".strip() if text else "", self._number
            )
        if drawn_text(shape):
            yield from self._addresses(shape.find(f"*/{P}cNvPr"))

    def _addresses(self, node: Any) -> Iterator[Element]:
        """The addresses of links in `node`, as paragraphs, so that titles do not change."""
        for link in () if node is None else node.iter(f"{A}hlinkClick"):
            address = self._links.get(link.get(f"{R}id") or "")
            yield make_element(NarrativeText, address_beside("-", address), self._number)

    def _notes_and_comments(self) -> Iterator[Element]:
        for relation in self._of_kind("notesSlide"):
            for shape in _shapes(parse_xml(self._package.parts[relation.part]), {}):
                if _placeholder(shape) not in (*ON_EVERY_SLIDE, "sldImg"):
                    text = drawn_text(shape, self._package.links(relation.part))
                    yield make_element(NarrativeText, text, self._number)
        for relation in self._of_kind("comments"):
            for comment in parse_xml(self._package.parts[relation.part]):
                yield make_element(
                    NarrativeText, comment.findtext("{*}text") or drawn_text(comment), self._number
                )

    def _of_kind(self, kind: str) -> Iterator[Relation]:
        for relation in self._relations.values():
            if relation.kind == kind and self._package.parts.get(relation.part):
                yield relation


def _shapes(node: Any, places: Places) -> Iterator[Any]:
    """The shapes below `node`, also in groups, from the top and from the left."""
    for child in sorted(node, key=lambda child: _place(child, places)):
        if child.tag in (f"{P}sp", f"{P}graphicFrame", f"{P}cxnSp", f"{P}pic"):
            yield child
        elif child.tag == f"{MC}AlternateContent":
            yield from _shapes(next(iter(child), ()), places)
        elif child.tag in (f"{P}cSld", f"{P}spTree", f"{P}grpSp"):
            yield from _shapes(child, places)


def _place(shape: Any, places: Places) -> tuple[int, int]:
    """The row and the left edge of a shape, to sort by."""
    if shape.tag == f"{MC}AlternateContent":
        shape = next(iter(next(iter(shape), ())), shape)
    found = shape.find(PLACEHOLDER)
    top, left = _own_place(shape) or (LAST if found is None else places.get(_key(found), FIRST))
    return top // ROW_EMU, left


def _key(placeholder: Any) -> str:
    return placeholder.get("idx") or placeholder.get("type") or ""


def _own_place(shape: Any) -> tuple[int, int] | None:
    offset = shape.find(f"{P}spPr/{A}xfrm/{A}off")
    for path in (f"{P}grpSpPr/{A}xfrm/{A}off", f"{P}xfrm/{A}off"):
        offset = shape.find(path) if offset is None else offset
    try:
        return (int(offset.get("y")), int(offset.get("x"))) if offset is not None else None
    except (TypeError, ValueError):
        return None


def _placeholder(shape: Any) -> str | None:
    """The placeholder type of a shape; "" if not stated, None if the shape is no placeholder."""
    found = shape.find(PLACEHOLDER)
    return None if found is None else found.get("type") or ""


def _has_bullet(paragraph: Any, *, default: bool) -> bool:
    properties = paragraph.find(f"{A}pPr")
    if properties is None:
        return default
    if properties.find(f"{A}buNone") is not None:
        return False
    return default or any(
        properties.find(f"{A}{name}") is not None for name in ("buChar", "buAutoNum", "buBlip")
    )


def _rows(table: Any, links: Mapping[str, str]) -> list[list[str]]:
    """The rows of a table; a merged cell is repeated in each place."""
    rows: list[list[str]] = []
    for row in table.iter(f"{A}tr"):
        cells: list[str] = []
        for place, cell in enumerate(row.iterchildren(f"{A}tc")):
            if cell.get("hMerge") in ("1", "true") and cells:
                cells.append(cells[-1] if len(cells[-1]) <= MAX_REPEATED_CHARACTERS else "")
            elif cell.get("vMerge") in ("1", "true") and rows and place < len(rows[-1]):
                cells.append(
                    rows[-1][place] if len(rows[-1][place]) <= MAX_REPEATED_CHARACTERS else ""
                )
            else:
                cells.append(drawn_text(cell, links))
        rows.append(cells)
    return rows
