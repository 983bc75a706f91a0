"""Drawings in Office documents: values of a chart as a table, words of a diagram as a list.

Text recognition reads pictures, unless the workspace turns it off.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from ingestion.errors.exceptions import UnreadableDocument
from ingestion.parsing.elements import (
    Element,
    FigureCaption,
    Image,
    ListItem,
    NarrativeText,
    Table,
    Title,
    make_element,
)
from ingestion.parsing.markup.safe_xml import parse_xml
from ingestion.parsing.office.sanitize import CleanPackage, Relation
from ingestion.parsing.office.symbol_fonts import TABLES as SYMBOL_FONTS
from ingestion.parsing.office.symbol_fonts import in_symbols
from ingestion.parsing.options import Options
from ingestion.parsing.text.links import with_address
from ingestion.parsing.text.superscripts import raised
from ingestion.parsing.text.tables import markdown

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
MAX_POINTS = 2_000
FACES = (f"{A}sym", f"{A}latin")
NO_LINKS: Mapping[str, str] = {}


def drawn_elements(
    package: CleanPackage, relation: Relation, page: int | None, options: Options
) -> Iterator[Element]:
    """The elements of a drawing in another part: a picture, a chart or a diagram."""
    if relation.kind == "image" and options.ocr:
        if data := package.picture(relation.part):
            from ingestion.parsing.ocr import images

            for element in images.read(data, page=page, options=options):
                # Headings in a picture do not count as headings of the document.
                is_prose = isinstance(element, Title | NarrativeText)
                yield make_element(Image, element.text, page) if is_prose else element
        return
    read = {"chart": chart_elements, "diagramData": diagram_elements}.get(relation.kind)
    if read is None or relation.part not in package.parts:
        return
    try:
        root = parse_xml(package.parts[relation.part])
    except UnreadableDocument:
        return  # The document is readable without a broken chart.
    yield from read(root, page)


def chart_elements(root: Any, page: int | None) -> Iterator[Element]:
    """The title of a chart and the table of its values."""
    for title in root.iter(f"{C}title"):
        yield make_element(FigureCaption, drawn_text(title), page)
    series = list(root.iter(f"{C}ser"))[:100]
    columns = [_points(one.find(f"{C}val"), one.find(f"{C}yVal")) for one in series]
    names = [" ".join(_points(one.find(f"{C}tx")).values()) for one in series]
    labels: dict[int, str] = {}
    for one in series:
        labels = labels or _points(one.find(f"{C}cat"), one.find(f"{C}xVal"))
    places = sorted({*labels, *(place for column in columns for place in column)})
    rows = [
        [labels.get(place, ""), *(column.get(place, "") for column in columns)] for place in places
    ]
    if rows:
        yield make_element(Table, markdown(["", *names], rows), page)


def _points(*sources: Any) -> dict[int, str]:
    """The values stored in the chart, by index."""
    found: dict[int, str] = {}
    for source in sources:
        for point in () if source is None else source.iter(f"{C}pt"):
            place = point.get("idx") or ""
            if place.isdecimal() and len(found) < MAX_POINTS:
                text = point.findtext(f"{C}v") or ""
                with suppress(ValueError):  # Numbers without rounding errors of binary fractions.
                    text = format(float(text), ".10g") if "." in text and len(text) > 12 else text
                found[int(place)] = text
        if source is not None and not found and (text := source.findtext(f"{C}v")):
            found[0] = text
    return found


def diagram_elements(root: Any, page: int | None) -> Iterator[Element]:
    """The words of a diagram (SmartArt), box by box."""
    for point in root.iter(f"{DGM}pt"):
        text = drawn_text(point)
        if text and point.get("type") in (None, "node", "asst"):
            yield make_element(ListItem, text, page)


def drawn_text(node: Any, links: Mapping[str, str] = NO_LINKS) -> str:
    """The words of a shape, a line for each paragraph, and the addresses of the `links` in it."""
    paragraphs = (paragraph_text(paragraph, links) for paragraph in node.iter(f"{A}p"))
    return "\n".join(filter(None, (text.strip() for text in paragraphs)))


def paragraph_text(paragraph: Any, links: Mapping[str, str] = NO_LINKS) -> str:
    """The words of one paragraph of a shape; `links` are the addresses of its part by id."""
    text = ""
    for address, linked in groupby(
        (_run(piece, links) for piece in paragraph.iter(f"{A}t", f"{A}br")), key=_ADDRESS
    ):
        words = ""
        for is_raised, alike in groupby(linked, key=_RAISED):
            said = "".join([run.words for run in alike])
            words += raised(text + words, said) if is_raised else said
        text += with_address(words, address) if address else words
    return text


class TextRun(NamedTuple):
    """Words that look alike, and the address behind them."""

    words: str
    address: str = ""
    is_raised: bool = False


_ADDRESS, _RAISED = attrgetter("address"), attrgetter("is_raised")


def _run(piece: Any, links: Mapping[str, str]) -> TextRun:
    if piece.tag == f"{A}br":
        return TextRun("\n")
    text, properties = piece.text or "", piece.getparent().find(f"{A}rPr")
    if properties is None:
        return TextRun(in_symbols(text, None))
    baseline = properties.get("baseline") or ""
    font = address = ""
    for node in properties:
        if node.tag == f"{A}hlinkClick":
            address = links.get(node.get(f"{R}id") or "", "")
        elif (
            node.tag in FACES
            and (face := (node.get("typeface") or "").strip().lower()) in SYMBOL_FONTS
        ):
            font = face
    return TextRun(in_symbols(text, font), address, baseline.isdecimal() and int(baseline) > 0)
