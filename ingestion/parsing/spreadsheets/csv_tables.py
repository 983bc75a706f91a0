"""Tables as text (CSV, TSV): separated by commas, semicolons, tabs or bars, told from the text itself.

Quotes that are never closed must not swallow the rest: where lines make better rows one by one, they are taken so.
Rows become lines of the table as they are read, so that a hundred thousand of them take little memory.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from ingestion.parsing.elements import Parsed
from ingestion.parsing.options import Options
from ingestion.parsing.progress import Progress
from ingestion.parsing.text.characters import clean_verbatim
from ingestion.parsing.text.cleaning import clean_elements
from ingestion.parsing.text.encodings import decode
from ingestion.parsing.text.tables import table_elements

QUOTE = '"'
DELIMITERS = ",;\t|"
SNIFFED_LINES = 60
LONGEST_CELL = 16 * 1024 * 1024
MOST_LINES_OF_A_ROW = 200
SAID = re.compile(r"\Asep=([^\s\w])\n", re.I)  # What Excel writes to tell itself.

Row = list[str]


def read_csv(path: Path, *, name: str, password: str | None, progress: Progress, options: Options) -> Parsed:
    """A table as text; rows may be ragged, the first one with text is the header."""
    text = clean_verbatim(decode(path.read_bytes()))
    said = SAID.match(text)
    delimiter = said[1] if said else _delimiter(text)
    rows = _rows(text[said.end() :] if said else text, delimiter)
    return Parsed(tuple(clean_elements(table_elements(rows))))


def _delimiter(text: str) -> str:
    """The delimiter that cuts the first lines most evenly into most cells."""
    lines = list(islice(io.StringIO(text), SNIFFED_LINES))
    return max(DELIMITERS, key=lambda delimiter: _evenness(lines, delimiter))


def _evenness(lines: list[str], delimiter: str) -> float:
    widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
    usual = max(set(widths), key=widths.count, default=1)
    return widths.count(usual) / len(widths) * min(usual, 20) if usual > 1 else 0.0


def _rows(text: str, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(LONGEST_CELL)
    width = 0
    for lines in _records(io.StringIO(text, newline="")):
        for row in _rows_of(lines, width, delimiter):
            width = width or len(row)
            yield row


def _records(lines: Iterable[str]) -> Iterator[list[str]]:
    """The lines of each row: more than one while a quote that was opened is not closed."""
    record: list[str] = []
    is_open = False
    for line in lines:
        record.append(line)
        is_open ^= line.count(QUOTE) % 2 == 1
        if not is_open or len(record) >= MOST_LINES_OF_A_ROW:
            yield record
            record, is_open = [], False
    if record:
        yield record


def _rows_of(lines: list[str], width: int, delimiter: str) -> list[Row]:
    """The row that `lines` make, or those that each of them makes where a quote was never meant to reach so far."""
    is_closed = sum(line.count(QUOTE) for line in lines) % 2 == 0
    with suppress(csv.Error):
        if is_closed:
            return [next(csv.reader(lines, delimiter=delimiter, strict=len(lines) > 1), [])]
    alone = [_row_of(line, delimiter) for line in lines]
    if is_closed and any(len(row) != width for row in alone):
        return [next(csv.reader(lines, delimiter=delimiter), [])]
    return alone


def _row_of(line: str, delimiter: str) -> Row:
    if line.count(QUOTE) % 2:
        return next(csv.reader([line], delimiter=delimiter, quoting=csv.QUOTE_NONE), [])
    return next(csv.reader([line], delimiter=delimiter), [])
