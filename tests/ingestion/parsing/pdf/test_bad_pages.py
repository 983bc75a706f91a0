"""Broken and hostile PDFs and pictures: each gives text or an error; the child survives."""

import io
import struct
import zlib

import pytest
from PIL import Image
from support.library_documents import assemble

from ingestion.errors.exceptions import CODES, UnreadableDocument
from ingestion.parsing import formats
from ingestion.parsing.ocr import images
from ingestion.parsing.options import Options

PAGE = (
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {0} {0}] /Contents 4 0 R "
    "/Resources << /Font << /F 5 0 R >> >> {1}>>"
)
FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def one_page(content: str, *, side: float = 500, more: str = "", catalog: str = "") -> bytes:
    return assemble(
        [
            f"<< /Type /Catalog /Pages 2 0 R {catalog}>>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            PAGE.format(side, more),
            f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
            FONT,
        ]
    )


def text(words: str) -> str:
    return f"BT /F 12 Tf 50 300 Td ({words}) Tj ET"


def png(width: int, height: int, data: bytes) -> bytes:
    def part(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content))
            + name
            + content
            + struct.pack(">I", zlib.crc32(name + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", data) + part(b"IEND", b"")


def tiff_in_a_circle() -> bytes:
    kept = io.BytesIO()
    Image.new("L", (64, 64), "white").save(kept, "TIFF")
    data = bytearray(kept.getvalue())
    (start,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, start)
    struct.pack_into("<I", data, start + 2 + 12 * count, start)  # The next page is the same one.
    return bytes(data)


def outcome(pool, path, media_type, **options) -> str:
    try:
        parsed = pool.parse(path, media_type, name=path.name, options=Options(**options))
    except UnreadableDocument as refusal:
        return f"{refusal.code}.{refusal.reason}"
    return " ".join(element.text for element in parsed.elements)


def test_scripts_in_a_pdf_are_not_run_and_its_text_is_read(pool, written):
    script = "/OpenAction << /S /JavaScript /JS (while(true){}) >> "

    assert (
        outcome(pool, written("a.pdf", one_page(text("Calm words."), catalog=script)), formats.PDF)
        == "Calm words."
    )


def test_pages_that_are_their_own_parents_are_refused(pool, written):
    circle = assemble(
        ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 9 >>"]
    )

    assert outcome(pool, written("a.pdf", circle), formats.PDF).split(".")[0] in CODES


def test_a_very_large_page_is_read(pool, written):
    assert (
        outcome(pool, written("a.pdf", one_page(text("A word"), side=14_400_000)), formats.PDF)
        == "A word"
    )
    assert outcome(
        pool, written("b.pdf", one_page("0 0 9 9 re f", side=14_400_000)), formats.PDF
    ).startswith("no_text")


def test_a_hundred_thousand_pages_are_refused_with_the_limit(pool, written):
    kids = " ".join(["3 0 R"] * 100_000)
    many = assemble(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            f"<< /Type /Pages /Kids [{kids}] /Count 100000 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
        ]
    )

    assert outcome(pool, written("a.pdf", many), formats.PDF) == "too_large.pages:10000"


def test_a_picture_with_too_many_pixels_is_refused_with_the_limit(pool, written):
    bomb = png(60_000, 60_000, zlib.compress(bytes(1000)))

    assert outcome(pool, written("a.png", bomb), formats.PNG) == "too_large.pixels:150"
    assert images.read(bomb) == []


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF"])
def test_half_a_picture_is_read_or_refused(pool, written, kind, share):
    kept = io.BytesIO()
    Image.effect_noise((60, 40), 50).convert("RGB").save(kept, kind)
    half = kept.getvalue()[: int(len(kept.getvalue()) * share)]

    found = outcome(pool, written("half", half), f"image/{kind.lower()}")

    assert found.startswith(("corrupt.", "no_text.nothing_seen", "too_large."))


def test_pages_of_a_cyclic_tiff_come_to_an_end(pool, written):
    assert outcome(pool, written("a.tif", tiff_in_a_circle()), formats.TIFF).split(".")[0] in CODES


def test_the_pool_still_reads_after_bad_pages(pool, read, fixtures):
    read(fixtures / "lighthouse.pdf")

    assert 1 <= len(pool.pids()) <= 2
