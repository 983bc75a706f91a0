"""Text in pictures: scanned pages, pictures as documents, pictures on pages. Drawn here, read in a child."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from ingestion.errors.exceptions import UnreadableDocument
from ingestion.parsing.elements import NarrativeText, page_number
from ingestion.parsing.ocr import images as pictures
from ingestion.parsing.options import Options
from ingestion.parsing.progress import PagesRead

SENTENCE = "The heron stands in the reeds"
SECOND = "and waits for a careless fish."


def drawn(
    *lines: str, size: tuple[int, int] = (900, 300), turns: int = 0, mode: str = "RGB"
) -> Image.Image:
    image = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(image)
    for position, line in enumerate(lines):
        pen.text((60, 60 + 50 * position), line, fill="black", font=ImageFont.load_default(36))
    return image.rotate(90 * turns, expand=True).convert(mode)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    kept = io.BytesIO()
    image.save(kept, kind, **options)
    return kept.getvalue()


@pytest.fixture
def scan(tmp_path):
    """Write a PDF whose pages are pictures."""

    def scan(*images: Image.Image) -> Path:
        path = tmp_path / "scan.pdf"
        images[0].save(path, "PDF", save_all=True, append_images=images[1:], resolution=150)
        return path

    return scan


def said(elements) -> str:
    return " ".join(element.text for element in elements)


def test_scanned_pages_are_read_in_any_orientation(read, scan):
    upright, upside_down, aside = (drawn(SENTENCE, SECOND, turns=turns) for turns in (0, 2, 1))
    seen: list[float] = []

    parsed = read(scan(upright, upside_down, aside), progress=seen.append)

    assert [(e.type, e.page, e.text) for e in parsed.elements] == [
        ("NarrativeText", page, f"{SENTENCE} {SECOND}") for page in (1, 2, 3)
    ]
    assert [share.page for share in seen if isinstance(share, PagesRead)][-1] >= 1


def test_boxes_of_a_rotated_picture_follow_the_shown_orientation(read, scan):
    upright, upside_down, aside = read(
        scan(*(drawn(SENTENCE, turns=turns) for turns in (0, 2, 1)))
    ).elements

    assert upright.box[0] == pytest.approx(60 / 900, abs=0.02)
    assert upright.box[1] == pytest.approx(65 / 300, abs=0.04)
    assert upside_down.box[2] == pytest.approx(1 - upright.box[0], abs=0.02)
    assert upside_down.box[3] == pytest.approx(1 - upright.box[1], abs=0.04)
    assert aside.box[3] == pytest.approx(1 - upright.box[0], abs=0.02)
    assert aside.box[0] == pytest.approx(upright.box[1], abs=0.04)


def test_pictures_are_skipped_when_recognition_is_off(read, scan):
    with pytest.raises(UnreadableDocument, match="OCR is off in this workspace"):
        read(scan(drawn(SENTENCE)), options=Options(ocr=False))


def test_too_many_pages_are_refused_with_the_limit(read, scan):
    with pytest.raises(UnreadableDocument, match="exceeds the limit of 2 pages"):
        read(scan(*(drawn("one", size=(90, 90)) for _ in range(3))), options=Options(max_pages=2))


def test_too_many_scans_are_refused_with_the_limit(read, scan):
    with pytest.raises(UnreadableDocument, match="exceeds the limit of 1 scanned pages"):
        read(scan(drawn(SENTENCE), drawn(SENTENCE)), options=Options(max_pictures=1))


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("PNG", "RGBA"),
        ("JPEG", "CMYK"),
        ("WEBP", "RGB"),
        ("BMP", "1"),
        ("GIF", "P"),
        ("PNG", "I;16"),
    ],
)
def test_a_picture_in_a_document_gives_its_text(kind, mode):
    image = drawn(SENTENCE)
    image = (
        image.convert("L").convert("I").point(lambda value: value * 200).convert("I;16")
        if mode == "I;16"
        else image.convert(mode)
    )

    found = pictures.read(saved(image, kind), page=7)

    assert [(type(e), page_number(e), e.text) for e in found] == [(NarrativeText, 7, SENTENCE)]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"\xd7\xcd\xc6\x9a" + bytes(500),
        saved(drawn(SENTENCE), "PNG")[:-2000],
        saved(Image.new("RGB", (12, 900)), "PNG"),
        saved(Image.new("RGB", (400, 300), "navy"), "PNG"),
    ],
)
def test_a_picture_without_text_adds_nothing_to_its_document(data):
    assert pictures.read(data) == []


def test_a_picture_in_a_document_is_skipped_when_recognition_is_off():
    assert pictures.read(saved(drawn(SENTENCE), "PNG"), options=Options(ocr=False)) == []
