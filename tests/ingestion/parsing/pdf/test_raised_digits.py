"""Exponents, marks of notes, addresses of links and hyphens at the end of a line in PDF."""

from pathlib import Path

import pytest
from support.library_documents import assemble

from ingestion.parsing.layout import HYPHEN, Line, Page, elements_of
from ingestion.parsing.text.raised_digits import with_raised

FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"


def document(content: str, *annotations: str) -> bytes:
    """A page with `content` and links over the text."""
    numbers = " ".join(f"{number} 0 R" for number in range(6, 6 + len(annotations)))
    return assemble(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            f" /Resources << /Font << /F1 5 0 R >> >> /Annots [{numbers}] >>",
            f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
            FONT,
            *annotations,
        ]
    )


def link(place: str, address: str) -> str:
    return f"<< /Type /Annot /Subtype /Link /Rect [{place}] /A << /S /URI /URI ({address}) >> >>"


def raised(before: str, mark: str, after: str) -> str:
    """Text with a smaller `mark` five points higher."""
    return f"BT /F1 12 Tf 60 700 Td ({before}) Tj /F1 7 Tf 5 Ts ({mark}) Tj /F1 12 Tf 0 Ts ({after}) Tj ET"


@pytest.mark.parametrize(
    ("before", "mark", "after", "text"),
    [
        ("Revenue was 1,200", "3", " million euros.", "Revenue was 1,200 ³ million euros."),
        ("Sales of 45.5", "12", " were audited.", "Sales of 45.5 ¹² were audited."),
        ("The strain is 3.5 x 10", "-6", " per unit.", "The strain is 3.5 x 10^-6 per unit."),
        ("It takes 10", "6", " cycles.", "It takes 10^6 cycles."),
        ("The area is 25 m", "2", " in all.", "The area is 25 m^2 in all."),
        ("It turns at 40 s", "-1", " when cold.", "It turns at 40 s^-1 when cold."),
        ("The margin", "1", " rose.", "The margin ¹ rose."),
        ("It was sold in 2019.", "4", " It is gone.", "It was sold in 2019. ⁴ It is gone."),
    ],
)
def test_raised_digits_do_not_run_into_the_number_before_them(
    read, written, before, mark, after, text
):
    parsed = read(written("raised.pdf", document(raised(before, mark, after))))

    assert [element.text for element in parsed.elements] == [text]


def test_digits_of_equal_size_or_lower_ones_stay_unmarked(read, written):
    content = "BT /F1 12 Tf 60 700 Td (Use H) Tj /F1 7 Tf -2 Ts (2) Tj /F1 12 Tf 0 Ts (SO for 27 pages.) Tj ET"

    parsed = read(written("lower.pdf", document(content)))

    assert [element.text for element in parsed.elements] == ["Use H2SO for 27 pages."]


@pytest.mark.parametrize(
    ("before", "mark", "expected"),
    [
        ("10", "−6", "^-6"),
        ("110", "6", " ⁶"),
        ("cm", "3", "^3"),
        ("form", "2", " ²"),
        ("y", "2", "^2"),
        ("end.”", "7", " ⁷"),
    ],
)
def test_the_text_before_raised_digits_decides_whether_they_are_a_power(before, mark, expected):
    assert with_raised(before, mark) == expected


WORDS = "BT /F1 12 Tf 60 700 Td (The form is here, send it soon.) Tj ET"
HERE = "122 697 147 712"


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (
            "https://example.org/form/77",
            "The form is here (https://example.org/form/77), send it soon.",
        ),
        ("mailto:desk@example.org", "The form is here (mailto:desk@example.org), send it soon."),
        ("javascript:alert\\(1\\)", "The form is here, send it soon."),
        ("file:///etc/passwd", "The form is here, send it soon."),
    ],
)
def test_the_address_of_a_link_follows_its_words(read, written, address, text):
    parsed = read(written("link.pdf", document(WORDS, link(HERE, address))))

    assert [element.text for element in parsed.elements] == [text]


def test_an_address_that_is_written_out_is_not_doubled(read, written):
    content = "BT /F1 12 Tf 60 700 Td (See https://example.org/form now.) Tj ET"

    parsed = read(
        written("bare.pdf", document(content, link("84 697 220 712", "https://example.org/form")))
    )

    assert [element.text for element in parsed.elements] == ["See https://example.org/form now."]


def test_a_link_over_two_lines_has_its_address_once_at_its_end(read, written):
    content = (
        "BT /F1 12 Tf 60 700 Td (All of this is told in the long guide to) Tj ET"
        " BT /F1 12 Tf 60 686 Td (the pumps of the harbour.) Tj ET"
    )
    links = [
        link("180 697 280 712", "https://example.org/p"),
        link("60 683 113 697", "https://example.org/p"),
    ]

    parsed = read(written("long.pdf", document(content, *links)))

    text = " ".join(element.text for element in parsed.elements)
    assert text.count("https://example.org/p") == 1
    assert "the pumps (https://example.org/p) of the harbour." in text


def closed(*texts: str) -> str:
    lines = [Line(text, 72, 500, 700 - 14 * row, 12, bold=False) for row, text in enumerate(texts)]
    return " ".join(element.text for element in elements_of([Page(lines)]))


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        (["It is a well" + HYPHEN, "known rule, and known well enough."], "well-known"),
        (["The pump has a high" + HYPHEN, "speed drive; its speed is high."], "high-speed"),
        (["He gave some exam" + HYPHEN, "ples of the exam and the like."], "examples"),
        (["They under" + HYPHEN, "take to stand under the roof and take a seat."], "undertake"),
        (["See the com" + HYPHEN, "panies on www.example.com and panies.example."], "companies"),
        (
            ["The water" + HYPHEN, "proof coat needs water and proof, being waterproof."],
            "waterproof",
        ),
    ],
)
def test_a_compound_keeps_its_hyphen_at_the_end_of_a_line(lines, word):
    assert word in closed(*lines)


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "texts"),
    [
        (
            "05-pdf_e-super.pdf",
            ["3.5 x 10^-6 per unit", "1,200 ³ million euros", "25 m^2", "Use H2SO4 with care."],
        ),
        ("15-links_e.pdf", ["here. (https://intranet.example.org/form/77)"]),
    ],
)
def test_marks_and_addresses_of_the_cases(read, real_data: Path, name, texts):
    said = "\n".join(element.text for element in read(real_data / "cases" / name).elements)

    assert all(text in said for text in texts)
