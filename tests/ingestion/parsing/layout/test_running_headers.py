"""Running headers and footers are removed; lines that differ between pages stay."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from ingestion.parsing.layout import Line, Page
from ingestion.parsing.layout.running_headers import drop_repeated

BODY = [f"words of the running text that fill line {number}" for number in range(20)]


def page(*rows: tuple[float, str], size: float = 12) -> Page:
    """A page with a line at each height; several cells of a row stand between tabs."""
    return Page(
        [
            Line(
                cell, 60 + 150 * column, 60 + 150 * column + 6 * len(cell), height, size, bold=False
            )
            for height, text in rows
            for column, cell in enumerate(text.split("\t"))
        ]
    )


def spaced(texts: Iterable[str], top: float = 700, step: float = 16) -> list[tuple[float, str]]:
    return [(top - step * number, text) for number, text in enumerate(texts)]


def texts(pages: list[Page]) -> list[list[str]]:
    return [[line.text for line in each.lines] for each in pages]


def is_kept(pages: list[Page]) -> bool:
    before = texts(pages)
    left_out = drop_repeated(pages)
    return texts(pages) == before and not left_out


CERTIFICATE = ["Certificate {0}", "Valid for {1} months", "Holder: {2}", "Fee {3} EUR"]
HOLDERS = ["alpha", "beta", "gamma", "delta", "epsilon"]


@pytest.mark.parametrize("count", [3, 5])
@pytest.mark.parametrize("top", [820, 790, 700])
@pytest.mark.parametrize("first", [1, 101])
def test_pages_of_a_mail_merge_keep_the_lines_that_differ_in_digits(count, top, first):
    pages = [
        page(
            *spaced(
                [line.format(first + n, 11 + n, HOLDERS[n], 202 + 2 * n) for line in CERTIFICATE],
                top=top,
                step=20,
            )
        )
        for n in range(count)
    ]

    assert is_kept(pages)


@pytest.mark.parametrize(
    "heading",
    [
        "Step {}",
        "第{}步",
        "第{}步 准备",
        "Procedure no. {}",
        "Certificate of training {}",
        "Order {}-2026",
        "No. {}",
        "{}. Tighten the bolts",
    ],
)
@pytest.mark.parametrize("height", [810, 30])
def test_a_rising_number_that_is_no_page_number_stays(heading, height):
    pages = [page((height, heading.format(n)), *spaced(BODY, top=600)) for n in range(1, 6)]

    assert is_kept(pages)


def test_amounts_apart_in_the_margin_stay():
    pages = [
        page(*spaced(BODY, top=650), (40, f"Total: {amount} EUR"))
        for amount in (300, 1000, 175, 2375)
    ]

    assert is_kept(pages)


def test_the_rows_of_a_table_over_pages_stay_with_its_header():
    def rows(first: int) -> list[str]:
        return [
            "Valve\tPressure\tState",
            *(f"Valve {first + n}\t{first + n} bar\topen" for n in range(45)),
        ]

    pages = [page(*spaced(rows(first), top=810, step=17)) for first in (0, 45, 90, 135)]

    assert is_kept(pages)


def test_the_header_of_a_table_with_room_below_stays():
    pages = [
        page(
            (815, "Valve\tPressure\tState"),
            *spaced([f"V{n}\t{n} bar\topen" for n in range(30)], top=780),
        )
        for _page in range(4)
    ]

    assert is_kept(
        [Page(each.lines[:3] + each.lines[3 + 9 * number :]) for number, each in enumerate(pages)]
    )


def test_titles_that_several_slides_share_stay():
    titles = ["Safety", "Safety", "Safety", "Costs", "Costs", "Costs", "Staff", "Next year"]
    pages = [page(*spaced([f"point {n}", f"more on {n}"], top=500, step=30)) for n in range(8)]
    for slide, title in zip(pages, titles, strict=True):
        slide.lines.insert(0, Line(title, 60, 300, 790, 24, bold=False))

    assert is_kept(pages)


@pytest.mark.parametrize("number", ["{}", "1{}"])
def test_a_number_in_large_type_is_no_page_number(number):
    pages = [page(*spaced(BODY, top=600)) for _page in range(5)]
    for index, each in enumerate(pages):
        each.lines.insert(0, Line(number.format(index), 60, 90, 800, 30, bold=False))

    assert is_kept(pages)


def test_numbers_of_questions_at_the_foot_of_the_page_stay():
    pages = [page(*spaced(BODY, top=700), (60, f"{number}.")) for number in (5, 18, 40, 52)]

    assert is_kept(pages)


@pytest.mark.parametrize(
    "footer",
    [
        "{}",
        "- {} -",
        "Page {}",
        "page {} of 12",
        "{} / 12",
        "{}/12",
        "第 {} 页",
        "第{}页 共12页",
        "Seite {} von 12",
        "p. {}",
        "Annual report | {}",
        "{} | Annual report",
        "Annual report · {}",
        "Annual report, page {}",
        "REP-07_Page-{}",
    ],
)
@pytest.mark.parametrize(("height", "first"), [(30, 1), (815, 1), (30, 57)])
def test_page_numbers_are_removed_with_their_words(footer, height, first):
    pages = [page((height, footer.format(first + n)), *spaced(BODY, top=700)) for n in range(8)]

    left_out = drop_repeated(pages)

    assert texts(pages) == [BODY] * 8
    assert left_out == {footer.format(first): 8}


def test_headers_of_odd_and_even_pages_and_in_one_row_are_removed():
    headers = ["ACME Ltd\tHandbook", "Handbook\tACME Ltd"]
    pages = [
        page((815, headers[n % 2]), *spaced([f"{n} {line}" for line in BODY], top=770))
        for n in range(6)
    ]

    drop_repeated(pages)

    assert texts(pages) == [[f"{n} {line}" for line in BODY] for n in range(6)]


def test_a_footer_directly_below_the_body_is_removed():
    short = [
        page(*spaced([f"{n} {line}" for line in BODY], top=770), (40, "ACME handbook"))
        for n in range(4)
    ]
    full = [
        page(*spaced([f"line {n} {row}" for row in range(45)], top=770), (40, "ACME handbook"))
        for n in range(2)
    ]

    left_out = drop_repeated([*short, *full])

    assert left_out == {"ACME handbook": 6}


def test_a_page_number_beside_a_rare_running_title_is_removed():
    titles = ["Statements"] * 6 + ["Other"] * 2
    pages = [
        page(*spaced([f"{n} {line}" for line in BODY], top=700), (30, f"{title}\t{n}"))
        for n, title in enumerate(titles, start=1)
    ]

    drop_repeated(pages)

    assert [each.lines[20:] for each in pages[:6]] == [[]] * 6
    assert [[line.text for line in each.lines[20:]] for each in pages[6:]] == [["Other"], ["Other"]]


def test_a_line_that_two_pages_share_stays():
    assert is_kept([page((815, "ACME Ltd"), *spaced(BODY, top=700)) for _page in range(2)])


def test_a_repeated_line_in_the_body_stays():
    assert is_kept(
        [page((500, "Carried by road."), *spaced(BODY[:5], top=700)) for _page in range(6)]
    )


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (
            "05-pdf_m-min-dropped.pdf",
            ["Certificate 10{}", "Valid for 1{} months", "Issued by the test house for"],
        ),
        (
            "05-pdf_j-delivery-notes.pdf",
            ["Delivery note 100{}", "Date: 2026-03-1", "Quantity", "Total: ", "Carried by road."],
        ),
    ],
)
def test_pages_of_a_real_mail_merge_are_read_to_the_last_line(read, real_data: Path, name, lines):
    parsed = read(real_data / "cases" / name)

    for number in range(1, parsed.pages + 1):
        text = "\n".join(element.text for element in parsed.elements if element.page == number)
        assert all(line.format(number) in text for line in lines)
