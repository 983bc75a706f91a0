"""Small documents that once took a reader minutes, found by fuzzing; the limit is 3 seconds.

Measured as CPU time of this process, so that a loaded machine fails no test.
"""

import struct
import time

import pytest

from ingestion.errors.exceptions import UnreadableDocument
from ingestion.parsing import formats, parse
from ingestion.parsing.text.cleaning import sensible_title

LENGTH = 150_000
PLENTY = 10.0


def long_of(piece: str) -> str:
    return piece * (LENGTH // len(piece))


def seconds(path, media_type: str) -> float:
    """The CPU time of a read, after the import of libraries."""
    began = time.process_time()
    parse(path, media_type, name=path.name)
    return time.process_time() - began


@pytest.mark.parametrize(
    "piece", ["[(<div>", "`" + " " * 20, ":a", "**a ", "a-", "a.", "== ==\na  b\n== ==\n\nx\n\n"]
)
def test_unclosed_marks_of_restructuredtext_are_read_in_time(written, piece):
    assert (
        seconds(written("a.rst", ("Text\n\n" + long_of(piece) + "\n").encode()), formats.RST)
        < PLENTY
    )


@pytest.mark.parametrize("piece", ["[[", "[[a:", "*a ", "=a "])
def test_unclosed_marks_of_org_are_read_in_time(written, piece):
    assert (
        seconds(written("a.org", ("Text\n\n" + long_of(piece) + "\n").encode()), formats.ORG)
        < PLENTY
    )


@pytest.mark.parametrize("piece", ["<!--", "<!DOCTYPE", "<!DOCTYPE a[", "<?", "<![CDATA["])
def test_endless_pieces_of_broken_xml_are_read_in_time(written, piece):
    path = written("a.xml", f"<a><b>Text</c>{long_of(piece)}".encode())

    assert seconds(path, formats.XML) < PLENTY


@pytest.mark.parametrize("header", ["Subject", "To", "Content-Type", "Content-Transfer-Encoding"])
@pytest.mark.parametrize("piece", ["(a", '(,{"*', ';"', "=?utf-8?q?=FF?="])
def test_malformed_headers_are_read_in_time(written, header, piece):
    message = f"From: Mei <mei@example.org>\n{header}: x; {long_of(piece)}\n\nThe fees rise.\n"

    assert seconds(written("a.eml", message.encode()), formats.EML) < PLENTY


def test_a_very_long_title_is_dropped():
    began = time.process_time()

    assert sensible_title(long_of("(a")) == ""
    assert time.process_time() - began < PLENTY


def test_a_workbook_with_a_circle_of_sectors_is_refused(written, fixtures):
    data = bytearray((fixtures / "budget.xls").read_bytes())
    sixth_piece = (
        512 + 2 * 512 + 5 * 4
    )  # In the table that says which piece of 64 bytes follows which.
    assert data[sixth_piece : sixth_piece + 4] == struct.pack("<i", 6)
    data[sixth_piece : sixth_piece + 4] = struct.pack("<i", 1)
    path = written("round.xls", bytes(data))

    with pytest.raises(UnreadableDocument) as caught:
        parse(path, formats.XLS, name="round.xls")

    assert caught.value.code == "corrupt"
