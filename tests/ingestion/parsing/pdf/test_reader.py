"""How lines on a page become headings and paragraphs."""

from support.element_kinds import level, word

from ingestion.parsing.layout import HYPHEN, Line, Page, elements_of
from ingestion.parsing.layout.running_headers import drop_repeated


def page(
    *texts: str, size: float = 12, left: float = 72, right: float = 500, top: float = 700
) -> list[Line]:
    """Lines one below the other; a text that ends with `|` stops half-way."""
    lines = []
    for position, text in enumerate(texts):
        edge = (left + right) / 2 if text.endswith("|") else right
        lines.append(
            Line(text.removesuffix("|"), left, edge, top - position * size * 1.2, size, bold=False)
        )
    return lines


def read(
    *pages: list[Line], bookmarks: dict[int, list[tuple[str, int]]] | None = None
) -> list[tuple[str, int | None, str]]:
    elements = elements_of([Page(lines) for lines in pages], bookmarks or {})
    return [(word(element), level(element), element.text) for element in elements]


BODY = "These are words of the running text which fill a line and more of it"


def test_larger_lines_are_headings_and_two_of_them_are_one():
    found = read(
        page("A heading over", "two lines|", size=20, top=800) + page(BODY, BODY, BODY, BODY)
    )

    assert found[0] == ("title", None, "A heading over two lines")


def test_a_page_of_mostly_large_lines_has_no_headings():
    assert all(
        kind != "heading"
        for kind, _level, _text in read(page(BODY, BODY, BODY, size=20) + page(BODY, top=500))
    )


def test_bookmarks_make_headings_of_lines_of_any_size():
    first = page("1.", "Beginnings|") + page(BODY, BODY, top=600)
    second = page("Middle|") + page(BODY, top=600) + page("The end|", top=500)

    found = read(
        first,
        second,
        bookmarks={0: [("1. Beginnings", 1)], 1: [("Middle", 2), ("The End", 1), ("Lost", 1)]},
    )

    assert [row for row in found if row[0] == "heading"] == [
        ("heading", 1, "1. Beginnings"),
        ("heading", 2, "Middle"),
        ("heading", 1, "The end"),
    ]


def test_a_numbered_line_in_bold_is_a_heading_by_the_depth_of_its_number():
    lines = page("2.1 Methods|") + page(BODY, BODY, top=680)
    lines[0].bold = True

    assert read(lines)[0] == ("heading", 2, "2.1 Methods")


def test_a_line_that_ends_early_ends_its_paragraph_or_stays_a_line():
    found = read(page(BODY, "and it ends.|", BODY, "and ends again.|"))
    listed = read(page("Name: Ada|", "Town: Turin|", BODY))

    assert [text for _kind, _level, text in found] == [
        f"{BODY} and it ends.",
        f"{BODY} and ends again.",
    ]
    assert listed[0][2].startswith("Name: Ada\nTown: Turin\n")


def test_a_sentence_continues_in_the_next_column():
    left = page("The sentence begins in the first column and", left=72, right=290, top=100)
    right = page("goes on in the second.|", left=310, right=530, top=700)

    assert read(left + right) == [
        ("paragraph", None, "The sentence begins in the first column and goes on in the second.")
    ]


def test_bullets_begin_items():
    found = read(page("• one and a long line of it which fills the line", "• two|"))

    assert [(kind, text[:3]) for kind, _level, text in found] == [
        ("list_item", "one"),
        ("list_item", "two"),
    ]


def test_running_headers_and_page_numbers_are_removed():
    animals = ["heron", "otter", "badger", "newt"]
    pages = [
        Page(
            page(f"Handbook, page {number}|", top=800)
            + page(f"About the {animal}", f"{animal} it is")
            + page(str(number), top=30)
        )
        for number, animal in enumerate(animals, start=1)
    ]

    drop_repeated(pages)

    assert [[line.text for line in each.lines] for each in pages] == [
        [f"About the {it}", f"{it} it is"] for it in animals
    ]


def test_a_page_of_only_repeated_lines_keeps_its_lines():
    pages = [Page(page("Form A|")) for _ in range(4)]

    drop_repeated(pages)

    assert all(each.lines for each in pages)


def test_broken_words_are_joined_unless_hyphenated_elsewhere():
    assert read(page(f"exam{HYPHEN}", "ples|"))[0][2] == "examples"
    assert (
        read(page(f"well{HYPHEN}", "known, which is well-known|"))[0][2]
        == "well-known, which is well-known"
    )
