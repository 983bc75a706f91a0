"""Exceptions of readers, as error codes of the document."""

import errno

import pytest

from ingestion import parsing
from ingestion.errors.exceptions import CORRUPT, TOO_LARGE, UnreadableDocument
from ingestion.parsing.formats import TEXT


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (MemoryError(), TOO_LARGE),
        (OSError(errno.EFBIG, "File too large"), TOO_LARGE),
        (OSError(errno.EIO, "Input/output error"), CORRUPT),
        (KeyError("word/document.xml"), CORRUPT),
    ],
)
def test_the_exception_of_a_reader_becomes_an_error_code(failure, code, monkeypatch, tmp_path):
    def reader(*args, **more):
        raise failure

    monkeypatch.setattr(parsing, "reader_for", lambda media_type: reader)

    with pytest.raises(UnreadableDocument) as refusal:
        parsing.parse(tmp_path / "some.txt", TEXT, name="some.txt")

    assert refusal.value.code == code
