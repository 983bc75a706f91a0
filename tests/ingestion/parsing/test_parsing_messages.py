"""What a child says is looked at before it is believed."""

import pytest

from ingestion.parsing.elements import Element, Kind, Parsed
from ingestion.parsing.messages import LENGTH, packed, parsed_from, parsed_message, unpacked


def test_a_document_survives_the_crossing():
    parsed = Parsed((Element(Kind.HEADING, "标题", 1, 2), Element(Kind.TABLE, "| a |")), "T", 3)

    assert parsed_from(unpacked(packed(parsed_message(parsed))[LENGTH.size :])) == parsed


@pytest.mark.parametrize(
    "lie",
    [
        {},
        {"elements": [], "title": 7, "pages": None},
        {"elements": [["paragraph", "x", 1]], "title": "", "pages": None},
        {"elements": [["spell", "x", None, None]], "title": "", "pages": None},
        {"elements": [["paragraph", "nul \x00", None, None]], "title": "", "pages": None},
        {"elements": [["paragraph", "x", -1, None]], "title": "", "pages": None},
        {"elements": [["paragraph", "x", True, None]], "title": "", "pages": None},
        {"elements": [["paragraph", "x", None, None]], "title": "", "pages": 2**40},
    ],
)
def test_a_lie_is_no_document(lie):
    with pytest.raises((KeyError, TypeError, ValueError)):
        parsed_from(lie)


def test_a_message_is_an_object():
    with pytest.raises(ValueError, match="object"):
        unpacked(b"[1]")
