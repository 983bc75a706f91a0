"""Messages of children are checked; an invalid value is dropped without its document."""

import json
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.parsing.archives.unpack import Member, Unpacked
from ingestion.parsing.formats import BY_MEDIA_TYPE, PDF, ZIP
from ingestion.parsing.parsed import TYPES, Box, ElementRow, ParsedDocument
from ingestion.parsing.progress import PagesRead
from ingestion.parsing.sandbox.process import share_of
from ingestion.parsing.sandbox.protocol import (
    LENGTH,
    MAX_COUNT,
    packed,
    parsed_from,
    parsed_message,
    unpacked,
    unpacked_from,
    unpacked_message,
)

WHOLE = ["NarrativeText", "Fee 202 EUR", 1, None, [0.1, 0.2, 0.3, 0.4]]
FIELDS = ("type", "text", "page", "level", "box")
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def crossed(message):
    return unpacked(packed(message)[LENGTH.size :])


def test_a_document_is_unchanged_by_the_protocol():
    heading = ElementRow("Title", "标题", 1, 2, Box(0.1, 0.05, 0.9, 0.125))
    parsed = ParsedDocument((heading, ElementRow("Table", "| a |")), "T", 3)
    mended = Counter()

    assert parsed_from(crossed(parsed_message(parsed)), mended) == parsed
    assert not mended


def test_the_contents_of_an_archive_are_unchanged_by_the_protocol():
    contents = Unpacked([Member("a/b.pdf", "1", PDF)], [("c.exe", "unsupported", "")], 3)
    mended = Counter()

    assert unpacked_from(crossed(unpacked_message(contents)), mended) == contents
    assert not mended


@pytest.mark.parametrize(
    ("field", "value", "result"),
    [
        ("type", "spell", "NarrativeText"),
        ("type", ["Title"], "NarrativeText"),
        ("text", "nul \x00 and half a pair \ud83d", "nul  and half a pair "),
        ("page", -1, None),
        ("page", 0, None),
        ("page", True, None),
        ("page", 2.5, None),
        ("page", 2**40, None),
        ("level", "2", None),
        ("level", -3, None),
        ("box", [0, 0, 1], None),
        ("box", [0.5, 0, 0.4, 1], None),
        ("box", [0, 0.5, 1, 0.4], None),
        ("box", [0, 0, float("nan"), 1], None),
        ("box", [0, 0, float("inf"), 1], None),
        ("box", [0, 0, "1", 1], None),
        ("box", "everywhere", None),
    ],
)
def test_only_the_invalid_value_is_corrected(field, value, result):
    row = [value if name == field else good for name, good in zip(FIELDS, WHOLE, strict=True)]
    mended = Counter()

    parsed = parsed_from(
        crossed({"elements": [WHOLE, row, WHOLE], "title": "T", "pages": 1}), mended
    )

    whole = ElementRow("NarrativeText", "Fee 202 EUR", 1, None, Box(0.1, 0.2, 0.3, 0.4))
    assert parsed.elements[0] == parsed.elements[2] == whole
    assert getattr(parsed.elements[1], field) == result
    assert [getattr(parsed.elements[1], name) for name in FIELDS if name != field] == [
        getattr(whole, name) for name in FIELDS if name != field
    ]
    assert mended == {field: 1}


@pytest.mark.parametrize(
    "row", [None, "text", [], WHOLE[:4], [*WHOLE, 1], ["Table", 7, 1, None, None], {"a": 1}]
)
def test_only_the_invalid_row_is_left_out(row):
    mended = Counter()

    parsed = parsed_from(crossed({"elements": [WHOLE, row], "title": "T", "pages": 1}), mended)

    assert [element.text for element in parsed.elements] == ["Fee 202 EUR"]
    assert mended == {"element": 1}


@pytest.mark.parametrize(
    ("about", "title", "pages"),
    [
        ({}, "", None),
        ({"title": 7, "pages": 2**40}, "", None),
        ({"title": "A\x00\udfff", "pages": 0}, "A", None),
        ({"title": ["T"], "pages": "1"}, "", None),
    ],
)
def test_an_invalid_title_or_count_leaves_the_text(about, title, pages):
    parsed = parsed_from(crossed({"elements": [WHOLE], **about}))

    assert (len(parsed.elements), parsed.title, parsed.pages) == (1, title, pages)


@pytest.mark.parametrize(
    "row",
    [
        None,
        ["a.pdf", "../1", PDF],
        ["a.pdf", "", PDF],
        ["a.pdf", "1", "spell"],
        ["a.zip", "1", ZIP],
        [1, 2, 3],
    ],
)
def test_an_invalid_archive_member_counts_as_left_out(row):
    message = {
        "members": [["b.pdf", "2", PDF], row],
        "left_out": [["c.exe", "unsupported", ""], 5],
        "left_out_count": 1,
    }

    contents = unpacked_from(crossed(message))

    assert contents == Unpacked([Member("b.pdf", "2", PDF)], [("c.exe", "unsupported", "")], 2)


@given(
    st.lists(st.tuples(*[ANYTHING | st.just(good) for good in WHOLE]).map(list) | ANYTHING),
    ANYTHING,
    ANYTHING,
)
@settings(max_examples=300, deadline=None)
def test_any_values_of_elements_give_a_document_that_can_be_stored(rows, title, pages):
    mended = Counter()

    parsed = parsed_from(crossed({"elements": rows, "title": title, "pages": pages}), mended)

    assert len(parsed.elements) == len(rows) - mended["element"]
    for text in (parsed.title, *(element.text for element in parsed.elements)):
        assert b"\x00" not in text.encode()
    for element in parsed.elements:
        assert element.type in TYPES
        for count in (element.page, element.level, parsed.pages):
            assert count is None or 0 < count <= MAX_COUNT
        box = element.box
        assert box is None or (0 <= box.left <= box.right <= 1 and 0 <= box.top <= box.bottom <= 1)
    again = Counter()
    assert parsed_from(crossed(parsed_message(parsed)), again) == parsed
    assert not again


@given(
    st.lists(st.tuples(ANYTHING, st.just("1") | ANYTHING, st.just(PDF) | ANYTHING).map(list)),
    ANYTHING,
)
@settings(max_examples=200, deadline=None)
def test_any_values_of_members_give_contents_that_can_be_stored(members, count):
    contents = unpacked_from(
        crossed({"members": members, "left_out": members, "left_out_count": count})
    )

    assert all(
        member.file.isdigit() and member.media_type in BY_MEDIA_TYPE for member in contents.members
    )
    json.dumps([[member.name for member in contents.members], contents.left_out]).encode("utf-8")
    assert 0 <= len(members) - len(contents.members) <= contents.left_out_count


@pytest.mark.parametrize(
    "lie", [{}, {"elements": None}, {"elements": {"0": WHOLE}}, {"members": []}]
)
def test_a_message_without_a_list_of_elements_is_no_document(lie):
    with pytest.raises((KeyError, ValueError)):
        parsed_from(lie)


@pytest.mark.parametrize(
    "body", [b"[1]", b"{", b"", b"\xff", b"[" * 100_000, b'{"pages": ' + b"9" * 5_000 + b"}"]
)
def test_a_message_that_is_no_object_cannot_be_decoded(body):
    with pytest.raises(ValueError, match=r"object|Expecting|decode|deep|digits"):
        unpacked(body)


@given(st.dictionaries(st.sampled_from(["progress", "pages", "pictures", "x"]), ANYTHING))
@settings(max_examples=200, deadline=None)
def test_invalid_progress_is_not_shown(message):

    share = share_of(crossed(message))

    assert share is None or 0 <= share <= 1
    assert not isinstance(share, PagesRead) or share.pages <= MAX_COUNT
