"""Rich text (RTF), read by `striprtf`; marks inserted at heading styles keep the headings."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from striprtf.striprtf import rtf_to_text

from ingestion.errors.exceptions import CORRUPT, UnreadableDocument
from ingestion.parsing.elements import Element, Parsed, Title, make_element
from ingestion.parsing.options import Options
from ingestion.parsing.progress import Progress
from ingestion.parsing.text.cleaning import clean_elements, listed_or_paragraph, title_of
from ingestion.parsing.text.links import with_address
from ingestion.parsing.text.tables import table_elements

# One private-use character per level, since documents hardly contain these.
FIRST_MARK = 0xE900
MARKS = re.compile("[\ue900-\ue90a]")
HEADING_STYLE = re.compile(r"\{\\s(\d+)\b[^{};]*?(?:heading|标题|標題)\s*(\d)\s*;", re.IGNORECASE)
USED_STYLE = re.compile(r"(\\pard\b[^{}\n\r]{0,300}?\\s(\d+)(?!\d)(?:\\[a-z]+-?\d*)*) ?", re.ASCII)
OUTLINE_LEVEL = re.compile(r"(\\outlinelevel([0-8])(?!\d)(?:\\[a-z]+-?\d*)*) ?", re.ASCII)
STYLESHEET = re.compile(r"\{\\stylesheet(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}")
INFO_TITLE = re.compile(
    r"\{\\info\b(?:(?!\{\\info\b).){0,2000}?\{\\title\s+([^{}]{1,400})\}", re.DOTALL
)
BEGINNING = r"{\rtf"
# Braces, or escaped characters as a whole, so that an escaped brace does not count.
BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
BINARY = re.compile(rb"\\bin(\d{1,9}) ?")
BINARY_WORD = re.compile(rb"\\bin[a-z]*-?\d* ?")
HYPERLINK = re.compile(r'HYPERLINK\s+"([^"{}\\\s]{1,500})"')
RESULT = r"\fldrslt"
MAX_LINK_CHARACTERS = 20_000  # From the address of a link to the end of its words.
# `\*` that does not begin a group has no meaning, but `striprtf` would drop the whole group.
MISPLACED_MARK = re.compile(r"(?<=[a-z0-9])\\\*(?=\\)")
HIGH_BYTE = re.compile(rb"[\x80-\xff]")
PICTURE_HEX = re.compile(rb"(?:[0-9a-fA-F]{32,}\s*){4,}")


def read_rtf(
    path: Path, *, name: str, password: str | None, progress: Progress, options: Options
) -> Parsed:
    """Read a document in rich text."""
    data = _without_pictures(path.read_bytes())
    # Bytes above 7 bits are escaped; otherwise `striprtf` decodes them as Latin-1 in any font.
    rtf = HIGH_BYTE.sub(lambda byte: b"\\'%02x" % byte[0][0], data).decode("ascii")
    if rtf.find("}") < 0:
        raise UnreadableDocument(CORRUPT)
    rtf = _with_addresses(MISPLACED_MARK.sub("", rtf))
    text = "\n".join(_stripped(_with_marks(document)) for document in _documents(rtf))
    elements = clean_elements(_elements(text))
    title = INFO_TITLE.search(rtf)
    return Parsed(
        tuple(elements),
        title_of(_stripped("{\\rtf1\\ansi " + title[1] + "}") if title else "", elements),
    )


def _without_pictures(data: bytes) -> bytes:
    """The document without the bytes of its pictures, to save time."""
    kept, position = [], 0
    for match in BINARY.finditer(data):
        if match.start() >= position:
            kept.append(data[position : match.start()])
            position = match.end() + int(match[1])
    kept.append(data[position:])
    return PICTURE_HEX.sub(b"", BINARY_WORD.sub(b"", b"".join(kept)))


def _documents(rtf: str) -> list[str]:
    """The documents in the file; programs that fill forms write several into one file."""
    starts, depth = [0], 0
    for brace in BRACE.finditer(rtf) if rtf.count(BEGINNING) > 1 else ():
        if brace[0] == "}":
            depth = max(0, depth - 1)
        elif brace[0] == "{":
            if (
                depth == 0
                and starts[-1] != brace.start()
                and rtf.startswith(BEGINNING, brace.start())
            ):
                starts.append(brace.start())
            depth += 1
    return [rtf[start:end] for start, end in pairwise([*starts, len(rtf)])]


def _with_marks(rtf: str) -> str:
    """The document with a mark at the start of each paragraph in a heading style."""
    sheet = STYLESHEET.search(rtf)
    styles = (
        {number: int(level) for number, level in HEADING_STYLE.findall(sheet[0])} if sheet else {}
    )
    end = sheet.end() if sheet else 0

    def marked(match: re.Match[str]) -> str:
        level = styles.get(match[2])
        return f"{match[1]} {_mark(level)}" if level else match[0]

    body = USED_STYLE.sub(marked, rtf[end:])
    body = OUTLINE_LEVEL.sub(lambda match: f"{match[1]} {_mark(int(match[2]) + 1)}", body)
    return rtf[:end] + body


def _with_addresses(rtf: str) -> str:
    """The document with the address of each link after its words."""
    parts, position = [], 0
    for link in HYPERLINK.finditer(rtf):
        start = rtf.find(RESULT, link.end(), link.end() + MAX_LINK_CHARACTERS)
        if start < 0 or link.start() < position:
            continue
        end = _end_of_group(rtf, start)
        words = _stripped(rf"{{\rtf1 {rtf[start:end]}}}")
        # Without the keyword HYPERLINK, by which `striprtf` would find the address, too.
        parts += [
            rtf[position : link.start()],
            rtf[link.end() : end],
            with_address(words, link[1])[len(words) :],
        ]
        position = end
    return "".join([*parts, rtf[position:]])


def _end_of_group(rtf: str, start: int) -> int:
    depth = 0
    for brace in BRACE.finditer(rtf, start, start + MAX_LINK_CHARACTERS):
        if brace[0] == "}" and depth == 0:
            return brace.start()
        depth += {"{": 1, "}": -1}.get(brace[0], 0)
    return start


def _mark(level: int) -> str:
    return chr(FIRST_MARK + level)


def _stripped(rtf: str) -> str:
    return str(rtf_to_text(rtf, encoding="cp1252", errors="replace"))  # type: ignore[no-untyped-call]


def _elements(text: str) -> Iterator[Element]:
    rows: list[list[str]] = []
    for line in text.split("\n"):
        if line.count("|") and line.rstrip().endswith("|"):
            rows.append(
                [MARKS.sub("", cell) for cell in line.rstrip().removesuffix("|").split("|")]
            )
            continue
        yield from table_elements(rows)
        rows = []
        mark, text = MARKS.search(line), MARKS.sub("", line)
        if mark:
            yield make_element(Title, text, level=ord(mark[0]) - FIRST_MARK)
        else:
            yield listed_or_paragraph(text)
    yield from table_elements(rows)
