"""Media types are called what people call them."""

from ingestion.parsing import formats
from ingestion.templatetags.kinds import kind, kind_icon


def test_a_kind_is_called_what_people_call_it():
    assert kind(formats.DOCX) == "Word document"
    assert kind_icon(formats.XLSX) == "file-spreadsheet"


def test_a_kind_nobody_named_is_shown_as_it_is():
    assert kind("application/x-strange") == "application/x-strange"
    assert kind_icon("application/x-strange") == "file"
