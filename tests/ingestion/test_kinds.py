"""Media types are called what people call them."""

from ingestion.parsing import READERS, media_types
from ingestion.templatetags.kinds import KINDS, kind, kind_icon


def test_every_kind_that_is_read_has_a_name():
    assert set(READERS) <= set(KINDS)


def test_a_kind_is_called_what_people_call_it():
    assert kind(media_types.DOCX) == "Word document"
    assert kind_icon(media_types.XLSX) == "file-spreadsheet"


def test_a_kind_nobody_named_is_shown_as_it_is():
    assert kind("application/x-strange") == "application/x-strange"
    assert kind_icon("application/x-strange") == "file"
