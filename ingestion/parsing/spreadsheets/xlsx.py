"""Workbooks (XLSX), read from XML row by row, each cell as the spreadsheet program shows it.

Only filled cells are held, so a million empty columns cost nothing. `grid` decides which row is a
header, a caption or a part of a table.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from ingestion.parsing.elements import Element, NarrativeText, Parsed, make_element
from ingestion.parsing.markup.safe_xml import parse_xml
from ingestion.parsing.office.drawings import A, C, drawn_elements, drawn_text
from ingestion.parsing.office.sanitize import CleanPackage, core_title, open_office
from ingestion.parsing.options import Options
from ingestion.parsing.progress import Progress
from ingestion.parsing.spreadsheets.cells import (
    NOT_A_COLUMN,
    Cells,
    Merged,
    Sheet,
    area_of,
    column_of,
)
from ingestion.parsing.spreadsheets.grid import parsed_sheets
from ingestion.parsing.spreadsheets.number_formats import BUILT_IN, number, shown_by, text_shown_by
from ingestion.parsing.spreadsheets.xlsx_comments import cell_comments, words_of
from ingestion.parsing.spreadsheets.xlsx_links import (
    LINK_FUNCTION,
    Links,
    formula_text,
    sheet_links,
)
from ingestion.parsing.text.links import with_address

S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
XDR = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
MERGE = re.compile(rb'<(?:\w+:)?mergeCell\b[^<>]*\bref="([^"]{1,30})"')
VALUE, INLINE, WORDS, FORMULA = f"{S}v", f"{S}is", f"{S}t", f"{S}f"
MAX_MERGED_RANGES = 100_000


def read_xlsx(
    path: Path, *, name: str, password: str | None, progress: Progress, options: Options
) -> Parsed:
    """Read a workbook: the shown text of its cells, formulas by their last result."""
    package = open_office(path, password)
    return parsed_sheets(
        Workbook(package, options).sheets(), core_title(package), progress, options
    )


class Workbook:
    """Reads one workbook from XML to sheets."""

    def __init__(self, package: CleanPackage, options: Options) -> None:
        self._package = package
        self._options = options
        self._main = package.main_part()
        self._root = parse_xml(package.parts[self._main])
        self._strings = list(_strings(self._part("sharedStrings")))
        properties = self._root.find(f"{S}workbookPr")
        self._since_1904 = properties is not None and properties.get("date1904") in ("1", "true")
        codes = self._codes_by_style()
        self._styles = [
            shown_by(code, since_1904=self._since_1904) if code else number for code in codes
        ]
        self._texts = {
            str(style): shown
            for style, code in enumerate(codes)
            if code and (shown := text_shown_by(code))
        }

    def sheets(self) -> Iterator[Sheet]:
        """The sheets in order, including chart sheets."""
        relations = self._package.relations(self._main)
        for entry in self._root.iterfind(f"{S}sheets/{S}sheet"):
            relation = relations.get(entry.get(f"{R}id") or "")
            if relation is None or relation.part not in self._package.parts:
                continue
            data = self._package.parts[relation.part]
            yield Sheet(
                entry.get("name") or "",
                entry.get("state") in ("hidden", "veryHidden"),
                self._rows(data, sheet_links(data, self._package.links(relation.part))),
                _merged(data),
                lambda part=relation.part: self._comments_and_drawings(part),  # type: ignore[misc]
            )

    def _part(self, kind: str) -> bytes:
        found = self._package.related(self._main, kind)
        return self._package.parts.get(found[0], b"") if found else b""

    def _codes_by_style(self) -> list[str]:
        """The number format of each style of cells, "" for the general one."""
        part = self._part("styles")
        if not part:
            return []
        root = parse_xml(part)
        codes = dict(BUILT_IN)
        for node in root.iterfind(f"{S}numFmts/{S}numFmt"):
            if (key := node.get("numFmtId") or "").isdecimal():
                codes[int(key)] = node.get("formatCode") or ""
        keys = [node.get("numFmtId") or "0" for node in root.iterfind(f"{S}cellXfs/{S}xf")]
        return [codes.get(int(key), "") if key.isdecimal() else "" for key in keys]

    def _rows(self, data: bytes, links: Links) -> Iterator[tuple[int, Cells]]:
        last = 0
        for _event, row in etree.iterparse(
            io.BytesIO(data), tag=f"{S}row", resolve_entities=False, no_network=True
        ):
            given = row.get("r") or ""
            last = int(given) if given.isdecimal() and len(given) < 8 else last + 1
            cells = dict(self._cells(row))
            if cells:
                for column, address in links.get(last, {}).items():
                    if column in cells:
                        cells[column] = with_address(cells[column], address)
                yield last, cells
            row.clear()
            while row.getprevious() is not None:
                del row.getparent()[0]

    def _cells(self, row: Any) -> Iterator[tuple[int, str]]:
        column = -1
        for cell in row:  # The hottest loop of the reader: each child is visited once.
            letters = (cell.get("r") or "").rstrip("0123456789")
            given = column_of(letters) if letters else NOT_A_COLUMN
            column = column + 1 if given == NOT_A_COLUMN else given
            text, formula = "", None
            for child in cell:
                if child.tag == VALUE:
                    text = self._text(cell, child.text or "")
                elif child.tag == FORMULA:
                    formula = child.text
                elif child.tag == INLINE:
                    text = self._words(cell, _string(child))
            if formula and (not text or LINK_FUNCTION in formula):
                text = formula_text(formula, text, is_kept=cell.get("t") == "str")
            if text:
                yield column, text

    def _text(self, cell: Any, value: str) -> str:
        kind = cell.get("t")
        if kind == "s":
            text = (
                self._strings[int(value)]
                if value.isdecimal() and int(value) < len(self._strings)
                else ""
            )
            return self._words(cell, text) if self._texts else text
        if kind is None or kind == "n":
            if not value:
                return ""
            style = cell.get("s")
            try:
                parsed = float(value)
                shown = self._styles[int(style)] if style else number
                return shown(
                    int(value) if shown is number and value.lstrip("-").isdecimal() else parsed
                )
            except (ValueError, IndexError, ArithmeticError):
                return value
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        if kind == "str":
            return self._words(cell, value)
        return value.removesuffix("T00:00:00") if kind == "d" else value

    def _words(self, cell: Any, text: str) -> str:
        style = cell.get("s")
        return self._texts[style](text) if style in self._texts else text

    def _comments_and_drawings(self, part: str) -> Iterator[Element]:
        """Comments on the cells, then drawings over the cells."""
        yield from cell_comments(self._package, part, self._main)
        for name in self._package.related(part, "drawing"):
            if name not in self._package.parts:
                continue
            relations = self._package.relations(name)
            for node in parse_xml(self._package.parts[name]).iter(
                f"{XDR}sp", f"{C}chart", f"{A}blip"
            ):
                if node.tag == f"{XDR}sp":
                    yield make_element(NarrativeText, drawn_text(node))
                elif (key := node.get(f"{R}id") or node.get(f"{R}embed") or "") in relations:
                    yield from drawn_elements(self._package, relations[key], None, self._options)


def _strings(data: bytes) -> Iterator[str]:
    if data:
        for _event, node in etree.iterparse(
            io.BytesIO(data), tag=f"{S}si", resolve_entities=False, no_network=True
        ):
            yield _string(node)
            node.clear()
            while node.getprevious() is not None:
                del node.getparent()[0]


def _string(node: Any) -> str:
    if len(node) == 1 and node[0].tag == WORDS:
        return node[0].text or ""
    return words_of(node)


def _merged(data: bytes) -> list[Merged]:
    found: list[Merged] = []
    # Merged ranges come after the many cells.
    for match in MERGE.finditer(data, max(0, data.rfind(b"sheetData>"))):
        area = area_of(match[1].decode("ascii", "replace"))
        if area and area[:2] != area[2:]:
            found.append(area)
        if len(found) >= MAX_MERGED_RANGES:
            break
    return found
