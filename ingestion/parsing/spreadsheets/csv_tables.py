"""Tables as text (CSV, TSV), whose delimiter is found in the text: comma, semicolon, tab or bar.

An unclosed quote does not swallow the following rows: if single lines give more even rows, each
line is a row. Rows become table elements while they are read, so a hundred thousand rows take
little memory.
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
MAX_CELL_CHARACTERS = 16 * 1024 * 1024
MAX_LINES_PER_ROW = 200
DELIMITER_LINE = re.compile(r"\Asep=([^\s\w])\n", re.I)  # Excel states the delimiter in this line.

Row = list[str]


def read_csv(
    path: Path, *, name: str, password: str | None, progress: Progress, options: Options
) -> Parsed:
    """Read a table as text; rows may be ragged, the first one with text is the header."""
    text = clean_verbatim(decode(path.read_bytes()))
    stated = DELIMITER_LINE.match(text)
    if stated:
        text, delimiter = text[stated.end() :], stated[1]
    else:
        lines = list(islice(io.StringIO(text), SNIFFED_LINES))
        delimiter = max(DELIMITERS, key=lambda delimiter: _evenness(lines, delimiter))
    return Parsed(tuple(clean_elements(table_elements(_rows(text, delimiter)))))


def _evenness(lines: list[str], delimiter: str) -> float:
    """The evenness of lines under a delimiter, times their usual number of cells."""
    widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
    usual = max(set(widths), key=widths.count, default=1)
    return widths.count(usual) / len(widths) * min(usual, 20) if usual > 1 else 0.0


def _rows(text: str, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    width = 0
    for lines in _records(io.StringIO(text, newline="")):
        for row in _rows_of(lines, width, delimiter):
            width = width or len(row)
            yield row


def _records(lines: Iterable[str]) -> Iterator[list[str]]:
    """The lines of each row; a row with an open quote goes on in the next line."""
    record: list[str] = []
    is_open = False
    for line in lines:
        record.append(line)
        is_open ^= line.count(QUOTE) % 2 == 1
        if not is_open or len(record) >= MAX_LINES_PER_ROW:
            yield record
            record, is_open = [], False
    if record:
        yield record


def _rows_of(lines: list[str], width: int, delimiter: str) -> list[Row]:
    """The row of `lines`, or one row per line if a quote was left open by mistake."""
    is_closed = sum(line.count(QUOTE) for line in lines) % 2 == 0
    with suppress(csv.Error):
        if is_closed:
            return [next(csv.reader(lines, delimiter=delimiter, strict=len(lines) > 1), [])]
    alone = []
    for line in lines:
        if line.count(QUOTE) % 2:
            alone.append(next(csv.reader([line], delimiter=delimiter, quoting=csv.QUOTE_NONE), []))
        else:
            alone.append(next(csv.reader([line], delimiter=delimiter), []))
    if is_closed and any(len(row) != width for row in alone):
        return [next(csv.reader(lines, delimiter=delimiter), [])]
    return alone
