"""Word documents (DOCX), read from the XML inside: every sentence once, in reading order.

Notes, comments and text boxes follow the paragraph of their anchor. Headers and footers come once,
at the end. Pages are known if Word left its page breaks in the file.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from ingestion.errors.exceptions import CORRUPT, UnreadableDocument
from ingestion.parsing.elements import (
    CodeSnippet,
    Element,
    Footer,
    Formula,
    Header,
    ListItem,
    NarrativeText,
    Parsed,
    Table,
    Title,
    make_element,
    page_number,
)
from ingestion.parsing.markup.safe_xml import parse_xml
from ingestion.parsing.office.docx.fields import is_contents
from ingestion.parsing.office.docx.numbering import Numbering
from ingestion.parsing.office.docx.runs import MC, ParagraphReader, ParagraphText, W
from ingestion.parsing.office.docx.styles import OFF_VALUES, Styles
from ingestion.parsing.office.docx.tables import is_layout, table_rows
from ingestion.parsing.office.drawings import drawn_elements
from ingestion.parsing.office.omml import M
from ingestion.parsing.office.sanitize import CleanPackage, core_title, open_office
from ingestion.parsing.options import Options
from ingestion.parsing.progress import Progress
from ingestion.parsing.text.cleaning import clean_elements, title_of
from ingestion.parsing.text.tables import table_elements, without_empty_columns

NOT_BLOCKS = {
    f"{W}{name}"
    for name in ("del", "moveFrom", "sdtPr", "sdtEndPr", "sectPr", "customXmlPr", "tcPr", "tblPr")
}
NOTES = (("footnotes", "footnote"), ("endnotes", "endnote"), ("comments", "comment"))
RENDERED = f"{W}lastRenderedPageBreak"
SET_BREAK = f"{W}br"
FORMULAS = {f"{M}oMath", f"{M}oMathPara"}
MAX_PAGE_CHARACTERS = 6_000
DROP_CAP = f"{W}pPr/{W}framePr[@{W}dropCap]"
# Marks of paragraphs that Word neither shows nor counts.
UNCOUNTED_MARKS = tuple(f"{W}pPr/{W}rPr/{W}{name}" for name in ("del", "moveFrom", "vanish"))
MAX_INITIAL_CHARACTERS = 3
MAX_NESTED_CHARACTERS = 200


def read_docx(
    path: Path, *, name: str, password: str | None, progress: Progress, options: Options
) -> Parsed:
    """Read a Word document."""
    package = open_office(path, password)
    document = WordDocument(package, options)
    elements = clean_elements(_joined_code(document.elements()))
    if not document.pages_are_known(elements):
        for element in elements:
            element.metadata.page_number = None
    pages = max((page_number(element) or 0 for element in elements), default=0) or None
    return Parsed(tuple(elements), title_of(core_title(package), elements), pages)


def _joined_code(elements: Iterable[Element]) -> Iterator[Element]:
    """Join lines of code, which are paragraphs in Word, to one element."""
    for kind, run in groupby(elements, key=type):
        if kind is CodeSnippet:
            lines = list(run)
            yield make_element(
                CodeSnippet, "\n".join(line.text for line in lines), page_number(lines[0])
            )
        else:
            yield from run


class WordDocument:
    """Reads one document from XML to elements."""

    def __init__(self, package: CleanPackage, options: Options) -> None:
        self._package = package
        self._options = options
        self._main = package.main_part()
        self._part = self._main
        self._relations = package.relations(self._main)
        self._root = parse_xml(package.parts[self._main])
        self._styles = Styles(self._first("styles"))
        self._numbering = Numbering(self._first("numbering"))
        self._page_break = (
            RENDERED if next(self._root.iter(RENDERED), None) is not None else SET_BREAK
        )
        self._reader = self._reader_of(self._main, self._root)
        self._notes: dict[str, dict[str, Any]] = {}
        self._note_readers: dict[str, ParagraphReader] = {}
        for relation, kind in NOTES:
            part = next(iter(package.related(self._main, relation)), "")
            root = parse_xml(package.parts[part]) if package.parts.get(part) else None
            notes = () if root is None else root.iter(f"{W}{kind}")
            self._notes[kind] = {note.get(f"{W}id") or "": note for note in notes}
            if root is not None:
                self._note_readers[kind] = self._reader_of(part, root)
        self._page = 1
        self._in_cell = 0  # The number of tables around the paragraph.
        self._initial = ""  # The drop cap of the next paragraph.

    def elements(self) -> Iterator[Element]:
        """The elements of the body, then headers and footers."""
        body = self._root.find(f"{W}body")
        if body is None:
            raise UnreadableDocument(CORRUPT)
        yield from self._blocks(body)
        yield from self._printed_on_every_page()

    def pages_are_known(self, elements: Iterable[Element]) -> bool:
        """Whether breaks tell the pages: breaks rendered by Word do, manual breaks may."""
        if self._page == 1:
            return False
        sizes = (
            sum(len(element.text) for element in run)
            for _page, run in groupby(elements, page_number)
        )
        return self._page_break == RENDERED or max(sizes, default=0) <= MAX_PAGE_CHARACTERS

    def _first(self, kind: str) -> bytes | None:
        found = self._package.related(self._main, kind)
        return self._package.parts.get(found[0]) if found else None

    def _reader_of(self, part: str, root: Any) -> ParagraphReader:
        return ParagraphReader(root, self._page_break, self._styles, self._package.links(part))

    def _blocks(self, parent: Any) -> Iterator[Element]:
        for block in parent:
            if block.tag == f"{W}p":
                yield from self._paragraph(block)
            elif block.tag == f"{W}tbl":
                yield from self._table(block)
            elif block.tag == f"{MC}AlternateContent":
                yield from self._blocks(next(iter(block), ()))
            elif is_contents(block):
                marks = block.iter(self._page_break)
                self._page += sum(
                    mark.tag == RENDERED or mark.get(f"{W}type") == "page" for mark in marks
                )
            elif block.tag not in NOT_BLOCKS and isinstance(block.tag, str):
                yield from self._blocks(block)

    def _paragraph(self, paragraph: Any) -> Iterator[Element]:
        kind, level = self._styles.kind_of(paragraph)
        said = self._reader.read(paragraph, addresses_below=kind is Title)
        page = self._page + said.breaks_before
        self._page += said.breaks
        text, self._initial = self._initial + said.text, ""
        if len(text) <= MAX_INITIAL_CHARACTERS and paragraph.find(DROP_CAP) is not None:
            self._initial = text.strip()
            return
        if numbering := self._styles.numbering_of(paragraph):
            label = self._label(paragraph, text, *numbering)
            kind = ListItem if kind is NarrativeText and text.strip() else kind
            text = f"{label} {text}" if text.strip() or self._in_cell else ""
        elif kind is NarrativeText:
            tags = {child.tag for child in paragraph} - {f"{W}pPr"}
            kind = Formula if tags and tags <= FORMULAS else kind
        yield make_element(kind, text, page, level)
        yield from (make_element(NarrativeText, address, page) for address in said.below or ())
        yield from self._beside(said, page)

    def _label(self, paragraph: Any, text: str, number: str, level: int | None) -> str:
        """Return the number of a paragraph; empty ones count, hidden and deleted ones do not."""
        marks = (paragraph.find(path) for path in UNCOUNTED_MARKS)
        if not text.strip() and any(
            mark is not None and mark.get(f"{W}val") not in OFF_VALUES for mark in marks
        ):
            return ""
        depth = (
            self._numbering.level_of(number, self._styles.lineage(paragraph))
            if level is None
            else level
        )
        return self._numbering.label(number, depth)

    def _beside(self, said: ParagraphText, page: int) -> Iterator[Element]:
        for box in said.boxes:
            yield from self._blocks(box)
        for target in said.drawn:
            if target in self._relations:
                yield from drawn_elements(
                    self._package, self._relations[target], page, self._options
                )
        for kind, number in said.notes:
            note = self._notes[kind].pop(number, None)
            if note is not None:
                yield from self._note(note, kind)

    def _note(self, note: Any, kind: str) -> Iterator[Element]:
        author = note.get(f"{W}author") or ""
        reader, self._reader = self._reader, self._note_readers[kind]
        elements = list(self._blocks(note))
        self._reader = reader
        for element in elements:
            yield (
                make_element(NarrativeText, f"{author}: {element.text}", page_number(element))
                if author
                else element
            )
            author = ""

    def _table(self, table: Any) -> Iterator[Element]:
        if is_layout(table):
            for row in table:
                yield from self._blocks(row)
            return
        page = self._page
        after: list[Element] = []
        rows = table_rows(table, lambda cell: self._cell(cell, after))
        yield from table_elements(without_empty_columns(rows), page)
        yield from after

    def _cell(self, cell: Any, after: list[Element]) -> str:
        """The words of a cell; a long table inside goes to `after`, behind the outer table."""
        said = []
        self._in_cell += 1
        for element in self._blocks(cell):
            if isinstance(element, Table) and len(element.text) > MAX_NESTED_CHARACTERS:
                after.append(element)
            else:
                said.append(_flat(element))
        self._in_cell -= 1
        return " ".join(filter(None, said))

    def _printed_on_every_page(self) -> Iterator[Element]:
        """Headers and footers, each once."""
        seen: set[str] = set()
        for relation in list(self._package.relations(self._main).values()):
            if (
                relation.kind not in ("header", "footer")
                or relation.part not in self._package.parts
            ):
                continue
            self._relations = self._package.relations(relation.part)
            page = self._page
            root = parse_xml(self._package.parts[relation.part])
            self._reader = self._reader_of(relation.part, root)
            for element in self._blocks(root):
                if any(map(str.isalpha, element.text)) and element.text not in seen:
                    seen.add(element.text)
                    yield make_element(
                        Header if relation.kind == "header" else Footer, _flat(element), page
                    )


def _flat(element: Element) -> str:
    """The words of an element in one line, those of a table without bars."""
    if not isinstance(element, Table):
        return element.text
    rows = [line.strip("| ").replace(" | ", ", ") for line in element.text.split("\n")]
    return "; ".join(row for row in rows if row.strip("-|, "))
