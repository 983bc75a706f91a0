"""Layout of pages: columns, tables, captions, form fields, turned pages, pictures among text."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from support.element_kinds import word
from support.library_documents import assemble, page_content

from ingestion.errors.exceptions import UnreadableDocument
from ingestion.parsing.layout import Line, Page, elements_of
from ingestion.parsing.options import Options

PROSE = "the otter swims along the bank and looks for fish in the cold water"
FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"


def line(text: str, left: float, top: float, width: float = 240, **more: object) -> Line:
    return Line(text, left, left + width, top, 12, bold=False, **more)


def read_page(*lines: Line, seen: bool = False) -> list[tuple[str, str]]:
    elements = elements_of([Page(list(lines), seen=seen)])
    return [(word(element), element.text) for element in elements]


def two_columns() -> list[Line]:
    left = [line(f"left {number} {PROSE}", 40, 600 - 14 * number) for number in range(8)]
    right = [line(f"right {number} {PROSE}", 310, 600 - 14 * number) for number in range(8)]
    return [each for pair in zip(left, right, strict=True) for each in pair]


def test_recognized_columns_are_read_in_sequence():
    title = line("A title right across the page", 40, 640, width=510)

    found = " ".join(text for _kind, text in read_page(title, *two_columns(), seen=True))

    assert found.startswith("A title right across")
    assert found.index("left 7") < found.index("right 0")


def test_columns_stored_row_by_row_are_separated_at_their_gap():
    across = [
        line(each.text, each.left, each.middle, part=1 + number // 2)
        for number, each in enumerate(two_columns())
    ]

    found = " ".join(text for _kind, text in read_page(*across))

    assert found.index("left 7") < found.index("right 0")


def test_the_order_of_a_file_without_gaps_is_kept():
    lines = [line(f"{number} {PROSE}", 40, 600 - 14 * number, width=500) for number in (3, 1, 2, 0)]

    assert [text[0] for _kind, text in read_page(*lines)] == [
        "3",
        "1",
        "2",
        "0",
    ] or "3" in read_page(*lines)[0][1]


def rows(*cells: tuple[str, ...], step: float = 20) -> list[Line]:
    return [
        line(text, 60 + 150 * column, 600 - step * number, width=8 * len(text))
        for number, row in enumerate(cells)
        for column, text in enumerate(row)
        if text
    ]


def test_cells_that_line_up_are_a_table_with_its_gaps():
    found = read_page(
        *rows(
            ("Bird", "Weight", "Nests"),
            ("Heron", "1.5 kg", "12"),
            ("Wren", "", "40"),
            ("Owl", "2 kg", "3"),
        )
    )

    assert found == [
        (
            "table",
            "| Bird | Weight | Nests |\n| --- | --- | --- |\n"
            "| Heron | 1.5 kg | 12 |\n| Wren | | 40 |\n| Owl | 2 kg | 3 |",
        )
    ]


def test_a_cell_of_two_lines_stays_one():
    cells = rows(
        ("Bird", "Weight", "Nests"),
        ("Grey", "1.5 kg", "12"),
        ("Owl", "2 kg", "3"),
        ("Wren", "9 g", "40"),
    )
    cells.insert(6, line("heron", 60, 600 - 32, width=40))

    assert "| Grey heron | 1.5 kg | 12 |" in read_page(*cells)[0][1]


@pytest.mark.parametrize(
    "cells",
    [
        [("1.", PROSE), ("2.", PROSE), ("3.", PROSE), ("4.", PROSE)],
        [("Name:", "Ada Lovelace"), ("Town:", "London Westminster"), ("Trade:", "mathematics")],
        [("Heron", "1.5 kg", "12"), ("Wren", "9 g", "40")],
    ],
)
def test_lines_that_only_resemble_a_table_are_no_table(cells):
    assert all(kind != "table" for kind, _text in read_page(*rows(*cells)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Figure 3: Nests by the river.", "caption"),
        ("Table 2. Weights", "caption"),
        ("图 1 鸟巢", "caption"),
        ("Figure 3 shows nests, as table 2 does.", "paragraph"),
        ("Tables are made of wood.", "paragraph"),
    ],
)
def test_captions_are_detected_by_their_first_words(text, expected):
    assert read_page(line(text, 40, 600)) == [(expected, text)]


def pdf_of(
    content: bytes, *, page: str = "", objects: tuple[bytes, ...] = (), form: str = ""
) -> bytes:
    """One page with `content`; further objects are numbered from 6."""
    parts = [
        f"<< /Type /Catalog /Pages 2 0 R {form}>>".encode(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R {page}".encode()
        + (b"" if "/Resources" in page else b" /Resources << /Font << /F1 5 0 R >> >>")
        + b" >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
        FONT.encode(),
        *objects,
    ]
    return assemble([part.decode("latin-1") for part in parts])


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_turned_page_is_read_and_places_are_as_shown(read, written, turn):
    content = page_content([(20, "The heron stands in the reeds"), (20, "and waits.")]).encode()

    element, after = read(written("turned.pdf", pdf_of(content, page=f"/Rotate {turn}"))).elements

    assert (element.text, after.text) == ("The heron stands in the reeds", "and waits.")
    upright = (60 / 595, 1 - 795 / 842)
    sides = {
        0: (element.box.left, element.box.top),
        90: (element.box.top, 1 - element.box.right),
        180: (1 - element.box.right, 1 - element.box.bottom),
        270: (1 - element.box.bottom, element.box.left),
    }
    assert sides[turn] == pytest.approx(upright, abs=0.03)


def test_values_of_form_fields_stand_beside_their_labels(read, written):
    content = b" ".join(
        b"BT /F1 12 Tf 60 %d Td (%s) Tj ET" % line
        for line in ((700, b"Name:"), (600, b"Paid:"), (500, b"End."))
    )
    fields = (
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (Ada Lovelace) /Rect [120 695 300 712] /P 3 0 R >>",
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (paid) /V (12 pounds) /Rect [120 595 300 612] /P 3 0 R >>",
        b"<< /Type /Annot /Subtype /FreeText /Contents (A note on the page) /Rect [60 395 300 412] /P 3 0 R >>",
    )
    data = pdf_of(
        content,
        page="/Annots [6 0 R 7 0 R 8 0 R]",
        objects=fields,
        form="/AcroForm << /Fields [6 0 R 7 0 R] /DA (/F1 12 Tf) /DR << /Font << /F1 5 0 R >> >> >> ",
    )

    found = [element.text for element in read(written("form.pdf", data)).elements]

    assert found == ["Name: Ada Lovelace", "Paid: 12 pounds", "End.", "A note on the page"]


def picture(words: str) -> bytes:
    image = Image.new("L", (1000, 400), "white")
    ImageDraw.Draw(image).text((80, 150), words, fill="black", font=ImageFont.load_default(48))
    kept = io.BytesIO()
    image.save(kept, "JPEG")
    data = kept.getvalue()
    head = "<< /Type /XObject /Subtype /Image /Width 1000 /Height 400 /ColorSpace /DeviceGray /BitsPerComponent 8"
    return (
        f"{head} /Filter /DCTDecode /Length {len(data)} >>\nstream\n".encode()
        + data
        + b"\nendstream"
    )


@pytest.fixture
def illustrated(written) -> Path:
    """A page of text with a large picture that contains text."""
    content = (
        page_content([(12, PROSE), (12, PROSE)]).encode() + b"\nq 400 0 0 160 90 300 cm /Im Do Q"
    )
    resources = "/Resources << /Font << /F1 5 0 R >> /XObject << /Im 6 0 R >> >>"
    return written(
        "illustrated.pdf",
        pdf_of(content, page=resources, objects=(picture("Nests along the river"),)),
    )


def test_a_large_picture_among_text_is_read_in_its_place(read, illustrated):
    *text, seen = read(illustrated).elements

    assert all(PROSE in element.text for element in text)
    assert (seen.type, seen.text, seen.page) == ("NarrativeText", "Nests along the river", 1)
    assert 1 - 460 / 842 < seen.box.top < seen.box.bottom < 1 - 300 / 842


def test_a_picture_among_text_is_skipped_when_recognition_is_off(read, illustrated):
    found = read(illustrated, options=Options(ocr=False)).elements

    assert all("Nests" not in element.text for element in found)


def test_pages_with_garbled_text_are_read_by_recognition(read, written):
    # Each letter is drawn normally, but mapped to a private-use character.
    mapping = b"begincmap 1 beginbfrange <20> <7e> <e020> endbfrange endcmap"
    content = b"BT /F1 24 Tf 60 700 Td (The heron stands in the reeds) Tj ET"
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 7 0 R >>"
    data = pdf_of(
        content,
        page="/Resources << /Font << /F1 6 0 R >> >>",
        objects=(
            font.encode(),
            b"<< /Length %d >>\nstream\n%b\nendstream" % (len(mapping), mapping),
        ),
    )
    path = written("garbled.pdf", data)

    assert [element.text for element in read(path).elements] == ["The heron stands in the reeds"]
    with pytest.raises(UnreadableDocument, match="do not map to characters"):
        read(path, options=Options(ocr=False))
