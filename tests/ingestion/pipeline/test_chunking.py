import random
import time
from collections.abc import Sequence

import pytest

from ingestion.parsing.parsed import Box, ElementRow
from ingestion.pipeline.chunking import count_tokens, document_text, embedding_text, split
from language.tokens import TokenRates

SENTENCE = "The cat sat on the mat and looked around. "
TABLE = "| part | price |\n|---|---|\n" + "\n".join(
    f"| AB-{number} | {number} euros |" for number in range(200)
)

DENSE = TokenRates(
    letter=0.3, digit=1, sign=1, accented=1.2, han=2.3, other=2.9
)  # A model that reads bytes.


def heading(text: str, level: int = 1) -> ElementRow:
    return ElementRow("Title", text, level=level)


def paragraph(text: str, page: int | None = None) -> ElementRow:
    return ElementRow("NarrativeText", text, page=page)


def letters(text: str) -> str:
    return "".join(text.split())


WORDS = ["wing", "lift", "。", "升力", "a" * 90, "\n", ". ", "，", " ", "x", "é", "🎉"]
MORE_WORDS = [
    *WORDS,
    "2024-05",
    "한국어",
    "{[(|)]}",
    "грузит",
    "\n    return",
    "\n\n",
    "…",
    "\u3000",
    "\x0c",
]


def random_elements(seed: int, words: Sequence[str] = WORDS) -> list[ElementRow]:
    chance = random.Random(seed)
    kinds = [
        "NarrativeText",
        "NarrativeText",
        "Title",
        "ListItem",
        "CodeSnippet",
        "Table",
        "title of the document",
    ]
    elements = []
    page = 1
    for number in range(chance.randint(0, 30)):
        page += chance.choice([0, 0, 1])
        kind = chance.choice([*kinds, "FigureCaption"])
        text = " ".join(chance.choices(words, k=chance.choice([1, 5, 40, 400])))
        if kind == "Table":
            rows = [
                f"| {number} {row} | {chance.choice(words).strip()} |"
                for row in range(chance.choice([1, 4, 60]))
            ]
            text = "\n".join([f"| name {number} | value |", "| --- | --- |", *rows])
        box = Box(0.1, number / 40, 0.9, (number + 1) / 40)
        level = chance.choice([1, 2, 3])
        if kind == "title of the document":
            kind, level = "Title", None
        elements.append(ElementRow(kind, text, page=page, level=level, box=box))
    return elements


@pytest.mark.parametrize("count", [count_tokens, DENSE.count])
@pytest.mark.parametrize(("chunk_tokens", "overlap"), [(60, 15), (50, 25), (400, 50), (4000, 0)])
@pytest.mark.parametrize("seed", range(40))
def test_chunks_hold_the_whole_text_at_the_right_offsets(seed, chunk_tokens, overlap, count):
    elements = random_elements(seed, MORE_WORDS)
    text = document_text([element for element in elements if element.text.strip()])

    pieces = split(elements, chunk_tokens=chunk_tokens, overlap=overlap, count=count)

    covered = [False] * len(text)
    for piece in pieces:
        assert piece.text.endswith(text[piece.start : piece.end])
        covered[piece.start : piece.end] = [True] * (piece.end - piece.start)
    assert all(covered[place] or character.isspace() for place, character in enumerate(text))
    assert [piece.end for piece in pieces] == sorted(piece.end for piece in pieces)


@pytest.mark.parametrize("count", [count_tokens, DENSE.count])
@pytest.mark.parametrize("seed", range(40))
def test_no_chunk_exceeds_the_limit(seed, count):
    for piece in split(random_elements(seed, MORE_WORDS), chunk_tokens=60, overlap=15, count=count):
        assert count(piece.text) <= 61


@pytest.mark.parametrize("seed", range(40))
def test_only_long_tables_are_cut_and_each_part_has_the_header(seed):
    elements = random_elements(seed)

    pieces = split(elements, chunk_tokens=60, overlap=15)

    for table in (element.text for element in elements if element.type == "Table"):
        header = "\n".join(table.split("\n")[:2])
        holding = [piece for piece in pieces if header in piece.text]
        if count_tokens(table) <= 60:
            assert any(table in piece.text for piece in holding)
        assert all(
            any(row in piece.text for piece in holding)
            for row in table.split("\n")
            if count_tokens(row) < 25
        )


@pytest.mark.parametrize("seed", range(40))
def test_pages_are_ascending_and_boxes_lie_on_them(seed):
    pieces = split(random_elements(seed), chunk_tokens=60, overlap=15)

    assert [piece.page_from for piece in pieces] == sorted(piece.page_from for piece in pieces)
    for piece in pieces:
        assert {piece.page_from, piece.page_to} <= {box.page for box in piece.boxes}
        assert all(piece.page_from <= box.page <= piece.page_to for box in piece.boxes)


def test_an_empty_document_has_no_chunks():
    assert split([]) == split([paragraph(" \n ")]) == []


def test_a_chunk_does_not_cross_a_top_heading():
    pieces = split(
        [heading("Lift"), paragraph("It rises."), heading("Drag"), paragraph("It slows.")]
    )

    assert [(piece.headings, piece.text) for piece in pieces] == [
        (("Lift",), "Lift\n\nIt rises."),
        (("Drag",), "Drag\n\nIt slows."),
    ]


def test_below_a_single_title_the_next_heading_level_divides():
    pieces = split(
        [
            heading("Flight"),
            heading("Lift", 2),
            paragraph("Up."),
            heading("Drag", 2),
            paragraph("Back."),
        ]
    )

    assert [piece.headings for piece in pieces] == [("Flight", "Lift"), ("Flight", "Drag")]


def test_small_neighbours_under_one_top_heading_are_joined():
    elements = [
        heading("Lift"),
        heading("Wing", 2),
        paragraph("Up."),
        heading("Tail", 2),
        paragraph("Down."),
    ]

    pieces = split([*elements, heading("Drag"), paragraph("Back.")])

    assert [piece.headings for piece in pieces] == [("Lift",), ("Drag",)]


def test_a_long_section_is_cut_at_a_lower_heading():
    body = [paragraph(SENTENCE * 20)]

    pieces = split(
        [heading("Top"), heading("One", 2), *body, heading("Two", 2), *body, heading("End"), *body]
    )

    assert [piece.headings for piece in pieces] == [("Top", "One"), ("Top", "Two"), ("End",)]


def test_a_heading_stays_with_the_next_paragraph():
    pieces = split(
        [heading("Top"), paragraph(SENTENCE * 28), heading("Sub", 2), paragraph(SENTENCE * 10)]
    )

    assert not any(piece.text.endswith("Sub") for piece in pieces)


def test_the_pages_of_a_chunk_include_its_overlap():
    elements = [
        paragraph(SENTENCE * 25, 1),
        paragraph(SENTENCE * 25, 2),
        paragraph(SENTENCE * 25, 3),
    ]

    pieces = split(elements)

    assert [(piece.page_from, piece.page_to) for piece in pieces] == [(1, 1), (1, 2), (2, 3)]


def test_neighbours_share_whole_sentences():
    first, second = split([paragraph(" ".join(f"Sentence number {n} is here." for n in range(60)))])

    shared = first.text[second.start - first.start :]
    assert 0 < count_tokens(shared) <= 50
    assert shared.startswith("Sentence number")


def test_chinese_is_cut_at_its_own_punctuation():
    pieces = split([paragraph("这是一个没有空格的很长的段落，它有很多句子。" * 100)])

    assert len(pieces) > 1
    assert all(piece.text.startswith("这是") and piece.text.endswith("。") for piece in pieces)


def test_each_part_of_a_table_repeats_the_header():
    pieces = split([ElementRow("Table", TABLE)])

    assert len(pieces) > 2
    assert all(piece.text.startswith("| part | price |\n|---|---|\n| AB-") for piece in pieces)
    assert all(
        line.startswith("| ") and line.endswith(" |")
        for piece in pieces
        for line in piece.text.split("\n")[2:]
    )


def test_a_table_is_not_repeated_as_overlap():
    pieces = split([ElementRow("Table", TABLE), paragraph(SENTENCE * 20)])

    assert sum(piece.text.count("| AB-199 |") for piece in pieces) == 1


def test_the_parts_of_a_long_table_share_chunks_with_the_caption_only():
    elements = [
        heading("Prices"),
        paragraph(SENTENCE),
        ElementRow("FigureCaption", "Prices of May"),
    ]

    pieces = split([*elements, ElementRow("Table", TABLE), paragraph(SENTENCE)])

    assert pieces[0].text.startswith("Prices\n\nThe cat sat")
    assert all(piece.text.startswith("Prices of May\n\n| part | price |") for piece in pieces[1:-1])
    assert pieces[-1].text == SENTENCE.strip()


def test_a_short_table_shares_a_chunk_with_the_text_around():
    table = ElementRow("Table", "| a | b |\n| --- | --- |\n| 1 | 2 |")

    (piece,) = split(
        [heading("Sizes"), paragraph("As follows:"), table, paragraph("All in metres.")]
    )

    assert piece.text == f"Sizes\n\nAs follows:\n\n{table.text}\n\nAll in metres."


def test_a_header_larger_than_half_a_chunk_is_not_repeated():
    wide = (
        "| " + " | ".join(f"column {number}" for number in range(200)) + " |\n" + "| 1 " * 200 + "|"
    )

    assert all(count_tokens(piece.text) <= 400 for piece in split([ElementRow("Table", wide)]))


def test_code_is_cut_between_lines():
    code = "\n".join(f"    value_{number} = call({number})" for number in range(300))

    pieces = split([ElementRow("CodeSnippet", code)])

    assert "\n".join(piece.text for piece in pieces) == code


def test_a_paragraph_styled_as_a_heading_is_not_repeated():
    pieces = split([heading("Very long. " * 60), paragraph("Text.")])

    assert pieces[0].headings == ()


@pytest.mark.parametrize("unit", ["lorem ipsum ", "a", "这是，", "字", ".", "\n\nx", "| a |\n"])
def test_one_line_of_a_megabyte_takes_seconds_not_minutes(unit):
    text = unit * (1_000_000 // len(unit))
    began = time.process_time()

    pieces = split([paragraph(text)])

    assert time.process_time() - began < 10
    assert max(count_tokens(piece.text) for piece in pieces) <= 400


class Cancelled(Exception):
    pass


@pytest.mark.parametrize("kind", ["NarrativeText", "CodeSnippet", "Table"])
def test_splitting_one_long_text_can_be_cancelled_quickly(kind):
    text = "These are the words of a long, long line\n" * 500_000
    ticks = iter(range(1000))

    def tick() -> None:
        if next(ticks) == 100:
            raise Cancelled

    with pytest.raises(Cancelled):
        split([ElementRow(kind, text)], tick=tick)


def test_splitting_many_small_texts_can_be_cancelled_quickly():
    ticks = iter(range(1000))

    def tick() -> None:
        if next(ticks) == 100:
            raise Cancelled

    with pytest.raises(Cancelled):
        split([paragraph("A few words.")] * 5000, tick=tick)

    assert next(ticks) == 101


def test_embedding_texts_begin_with_title_and_headings():
    assert (
        embedding_text("Flight", ["Lift", "Wings"], "They rise.")
        == "Flight › Lift › Wings\nThey rise."
    )


def test_embedding_texts_repeat_no_heading():
    assert (
        embedding_text("Flight", ["Flight", "Lift"], "Lift\n\nIt rises.")
        == "Flight\nLift\n\nIt rises."
    )
    assert embedding_text("", [], "It rises.") == "It rises."


def test_a_near_miss_of_a_table_rule_takes_linear_time():
    table = ElementRow("Table", f"| a |\n{'-' * 300_000}x")

    assert split([table], chunk_tokens=60, overlap=0)[-1].text.endswith("-x")
