"""Content decides, names only among texts; unsupported formats are refused by name."""

import io
import zipfile

import pytest

from ingestion.errors.exceptions import UnreadableDocument
from ingestion.parsing import detect_media_type, formats


def archive(**parts: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:
        for name, text in parts.items():
            zipped.writestr(name.replace("__", "/"), text)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("lighthouse.pdf", formats.PDF),
        ("bees.docx", formats.DOCX),
        ("locked.docx", formats.DOCX),
        ("library.pptx", formats.PPTX),
        ("budget.xlsx", formats.XLSX),
        ("bread.odt", formats.ODT),
        ("boat.epub", formats.EPUB),
        ("harbour.rtf", formats.RTF),
        ("tea.html", formats.HTML),
        ("rehearsal.eml", formats.EML),
    ],
)
def test_the_bytes_decide_the_type_under_any_name(fixtures, name, expected):
    suffix = ".docx" if name == "locked.docx" else ""  # The name alone decides for encrypted files.

    assert detect_media_type(fixtures / name, f"unnamed{suffix}") == expected


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (b"\x89PNG\r\n\x1a\n", formats.PNG),
        (b"\xff\xd8\xff\xe0", formats.JPEG),
        (b"II*\x00", formats.TIFF),
        (b"MM\x00*", formats.TIFF),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", formats.WEBP),
        (b"BM\x00\x00\x00\x00\x00\x00\x00\x00", formats.BMP),
        (b"GIF89a", formats.GIF),
    ],
)
def test_pictures_are_detected_by_their_first_bytes(written, start, expected):
    assert detect_media_type(written("letter.pdf", start + bytes(50)), "letter.pdf") == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.md", formats.MARKDOWN),
        ("a.CSV", formats.CSV),
        ("a.txt", formats.TEXT),
        ("a", formats.TEXT),
    ],
)
def test_the_name_decides_among_types_of_text(written, name, expected):
    path = written("blob", b"# one, two\n\nthree, four\n")

    assert detect_media_type(path, name) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (archive(one__txt="1"), formats.ZIP),
        (b"\x1f\x8b\x08" + bytes(50), formats.GZIP),
        (b"BZh91AY&SY" + bytes(50), formats.BZIP2),
        (b"\xfd7zXZ\x00" + bytes(50), formats.XZ),
        (bytes(257) + b"ustar" + bytes(50), formats.TAR),
        (b'{"a": 1}', formats.JSON),
        (b'[1, 2]\n{"b": 2}\n', formats.JSON),
        (b"[draft] not JSON", formats.TEXT),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', formats.XML),
    ],
)
def test_the_content_decides_the_type_of_a_file_without_a_known_name(written, data, expected):
    assert detect_media_type(written("blob", data), "unnamed") == expected


def test_a_web_page_named_pdf_is_a_web_page(written):
    path = written("blob", b"<!DOCTYPE html><html><body><h1>404</h1></body></html>")

    assert detect_media_type(path, "report.pdf") == formats.HTML


def test_a_text_about_pdf_is_no_pdf(written):
    path = written("blob", b"A PDF begins with the letters %PDF-1.7 and ends with %%EOF.")

    assert detect_media_type(path, "notes.txt") == formats.TEXT


def test_a_text_that_begins_like_a_message_is_one_only_with_the_headers_of_one(written):
    message = written("blob", b"From: a@example.org\nTo: b@example.org\nSubject: x\n\nHello")
    diary = written("diary", b"Note: it rained.\nFrom: my window\n\nHello")

    assert detect_media_type(message, "message") == formats.EML
    assert detect_media_type(diary, "diary") == formats.TEXT


@pytest.mark.parametrize(
    ("name", "data", "code", "reason"),
    [
        ("tool.pdf", b"MZ\x90\x00" + bytes(200), "unsupported", "program"),
        ("scan.heic", bytes(4) + b"ftypheic" + bytes(50), "unsupported", "picture"),
        ("song.mp3", b"ID3\x04" + bytes(50), "unsupported", "media"),
        ("all.rar", b"Rar!\x1a\x07" + bytes(50), "unsupported", "archive"),
        ("all.7z", b"7z\xbc\xaf\x27\x1c" + bytes(50), "unsupported", "archive"),
        ("talk.key", archive(Index__Document="x"), "unsupported", "iwork"),
        ("talk.key", archive(**{"talk.key__Index.zip": "x"}), "unsupported", "iwork"),
        ("mystery", bytes(range(256)) * 8, "unsupported", ""),
        ("mystery.pdf", bytes(range(256)) * 8, "corrupt", "name"),
        ("half.docx", b"PK\x03\x04" + bytes(range(200)), "corrupt", ""),
        ("nothing.txt", b"", "empty", ""),
        ("blanks.txt", b" \r\n\t\n", "empty", ""),
    ],
)
def test_unsupported_files_are_refused_with_a_reason(written, name, data, code, reason):
    with pytest.raises(UnreadableDocument) as refusal:
        detect_media_type(written("blob", data), name)

    assert (refusal.value.code, refusal.value.reason) == (code, reason)
    assert refusal.value.message.count(".") >= 1


@pytest.mark.parametrize(
    ("entry", "media_type"),
    [
        ("WordDocument", formats.DOC),
        ("PowerPoint Document", formats.PPT),
        ("Workbook", formats.XLS),
    ],
)
def test_the_streams_of_an_old_office_document_decide_its_type(written, entry, media_type):
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + f"{entry}\0".encode("utf-16-le")

    assert detect_media_type(written("blob", data), "mystery") == media_type


def test_every_refusal_reason_has_a_sentence():
    from ingestion.errors.reading import SENTENCES
    from ingestion.parsing.signatures import REFUSED_SIGNATURES

    reasons = {reason for _offset, _magic, reason in REFUSED_SIGNATURES}
    reasons |= {"iwork", "office", "archive", "protected"}

    assert {f"unsupported.{reason}" for reason in reasons} <= set(SENTENCES)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.txt", "<!-- a -->" * 3000 + "x", formats.TEXT),
        ("a.txt", "<!-- a -->" * 3000 + "<html>", formats.HTML),
        ("a.txt", "<!-- a --> <!-- --> \n<!DOCTYPE  html>", formats.HTML),
        ("a.txt", "<!-- <html>", formats.TEXT),
        ("a.html", "<p " * 20_000, formats.TEXT),
        ("a.mbox", "From " + "a" * 60_000 + "\nTo: x\nSubject: y\n", formats.EML),
        ("a.mbox", "From a" + " 12:12" * 10_000 + "\n!\nTo: x\n", formats.EML),
        ("a.mbox", "From ada Mon Jan  5 12:12:00 2026\r\nTo: x\r\nSubject: y\r\n", formats.MBOX),
    ],
)
def test_detection_is_fast_for_any_text(written, name, text, expected):
    """An expression that backtracks would not finish the first of these."""
    assert detect_media_type(written(name, text.encode()), name) == expected
