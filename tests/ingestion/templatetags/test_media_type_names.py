"""Readable names of media types."""

from ingestion.parsing import formats
from ingestion.templatetags.kinds import kind, kind_icon


def test_a_media_type_has_a_readable_name():
    assert kind(formats.DOCX) == "Word document"
    assert kind_icon(formats.XLSX) == "file-spreadsheet"


def test_an_unnamed_media_type_is_shown_unchanged():
    assert kind("application/x-strange") == "application/x-strange"
    assert kind_icon("application/x-strange") == "file"
