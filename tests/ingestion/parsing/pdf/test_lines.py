"""Lines of PDFium: start and end, also of lines that PDFium merges."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.library_documents import assemble

from ingestion.parsing.elements import box_of
from ingestion.parsing.layout import Line, Page, elements_of
from ingestion.parsing.pdf.lines import LineReader

FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
ITEMS = (
    "1 0 0 1 40 720 Tm (A line that runs from the left of the page to its right, as most do) Tj"
    " 1 0 0 1 100 686 Tm (end;) Tj 200 -3 Td ( ) Tj 1 0 0 1 300 674 Tm (and they wait) Tj 200 -3 Td ( ) Tj"
    " 1 0 0 1 40 680 Tm (here;) Tj 20 3 Td ( ) Tj"
)


def lines_of(content: str) -> list[Line]:
    """The lines of a page on which `content` is written in a font of 10 points."""
    import pypdfium2
    import pypdfium2.raw as pdfium

    content = f"BT /F1 10 Tf {content} ET"
    parts = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        " /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        FONT,
    ]
    with pypdfium2.PdfDocument(assemble(parts)) as document:
        page = pdfium.FPDF_LoadPage(document.raw, 0)
        try:
            return LineReader().read(page).lines
        finally:
            pdfium.FPDF_ClosePage(page)


WRITTEN = st.builds(
    "1 0 0 1 {} {} Tm ({}) Tj {} {} Td ( ) Tj".format,
    st.sampled_from([40, 54, 100, 300, 420]),
    st.sampled_from([662, 666, 674, 680, 686, 692]),
    st.sampled_from(["ab cd", "end;", "x", "long words here and there", "-", "1,200"]),
    st.sampled_from([0, 5, 20, 200]),
    st.sampled_from([-3, 0, 3]),
)


@given(st.lists(WRITTEN, min_size=2, max_size=7))
@settings(max_examples=400, deadline=None)
def test_a_line_ends_to_the_right_of_its_start(written):
    assert all(line.left <= line.right for line in lines_of(" ".join(written)))


def test_lines_merged_by_pdfium_are_cut():
    places = {line.text: (round(line.left), round(line.right)) for line in lines_of(ITEMS)[1:]}

    assert places == {"end;": (100, 119), "and they wait": (300, 359), "here;": (41, 62)}


SIDE, TEXT = st.floats(0, 600), st.sampled_from(["w", "go on", "end."])
PLACE = st.tuples(SIDE, SIDE, st.floats(0, 840), st.floats(1, 40), TEXT)


@given(st.lists(PLACE, min_size=1, max_size=12))
@settings(max_examples=200, deadline=None)
def test_boxes_of_lines_at_any_place_have_sides_in_order(places):
    lines = [
        Line(text, min(a, b), max(a, b), middle, size, bold=False)
        for a, b, middle, size, text in places
    ]

    for element in elements_of([Page(lines)]):
        left, top, right, bottom = box_of(element)
        assert 0 <= left <= right <= 1
        assert 0 <= top <= bottom <= 1


@pytest.mark.data
def test_low_bullets_leave_the_sides_of_boxes_in_order(read, real_data: Path):
    parsed = read(real_data / "cases" / "05-pdf_box-right-before-left.pdf")

    assert all(element.box and element.box.left <= element.box.right for element in parsed.elements)
    texts = [element.text for element in parsed.elements]
    assert "financial results;" in " ".join(texts)
    item = next(
        text for text in texts if text.startswith("the difficulty of completing such transactions")
    )
    assert item.endswith("within expected timeframes, or at all;")
