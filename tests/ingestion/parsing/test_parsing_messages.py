"""What a child says is looked at before it is believed."""

import pytest

from ingestion.parsing.elements import Box, Element, Kind, Parsed
from ingestion.parsing.messages import LENGTH, packed, parsed_from, parsed_message, unpacked


def test_a_document_survives_the_crossing():
    heading = Element(Kind.HEADING, "标题", 1, 2, Box(0.1, 0.05, 0.9, 0.125))
    parsed = Parsed((heading, Element(Kind.TABLE, "| a |")), "T", 3)

    assert parsed_from(unpacked(packed(parsed_message(parsed))[LENGTH.size :])) == parsed


@pytest.mark.parametrize(
    "lie",
    [
        {},
        {"elements": [], "title": 7, "pages": None},
        {"elements": [["paragraph", "x", 1, None]], "title": "", "pages": None},
        {"elements": [["spell", "x", None, None, None]], "title": "", "pages": None},
        {"elements": [["paragraph", "nul \x00", None, None, None]], "title": "", "pages": None},
        {"elements": [["paragraph", "x", -1, None, None]], "title": "", "pages": None},
        {"elements": [["paragraph", "x", True, None, None]], "title": "", "pages": None},
        {"elements": [["paragraph", "x", None, None, None]], "title": "", "pages": 2**40},
        {"elements": [["paragraph", "x", 1, None, [0, 0, 1]]], "title": "", "pages": 1},
        {"elements": [["paragraph", "x", 1, None, [0.5, 0, 0.4, 1]]], "title": "", "pages": 1},
        {"elements": [["paragraph", "x", 1, None, [0, 0, float("nan"), 1]]], "title": "", "pages": 1},
        {"elements": [["paragraph", "x", 1, None, [0, 0, "1", 1]]], "title": "", "pages": 1},
    ],
)
def test_a_lie_is_no_document(lie):
    with pytest.raises((KeyError, TypeError, ValueError)):
        parsed_from(lie)


def test_a_message_is_an_object():
    with pytest.raises(ValueError, match="object"):
        unpacked(b"[1]")
