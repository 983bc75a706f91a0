"""Documents that are broken, absurd or hostile: each ends with a code, and the children go on."""

import io
import struct
import zipfile

import pytest

from ingestion.errors.exceptions import UnreadableDocument
from ingestion.parsing import Options, formats
from ingestion.parsing.zip_package import Package


def rewritten(data: bytes, changes: dict[str, bytes]) -> bytes:
    """Return the archive with some parts replaced."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, changes.get(name) or old.read(name))
    return file.getvalue()


def refusal(read, path, **options) -> tuple[str, str]:
    with pytest.raises(UnreadableDocument) as caught:
        read(path, **options)
    return caught.value.code, caught.value.reason


MEGABYTE = 1024 * 1024
BOMB = b"""<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>&b;</w:t></w:r></w:p>
</w:body></w:document>"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_in_an_office_document_are_refused(read, written, fixtures, encoding):
    document = rewritten(
        (fixtures / "bees.docx").read_bytes(), {"word/document.xml": BOMB.decode().encode(encoding)}
    )

    assert refusal(read, written("bomb.docx", document)) == ("corrupt", "unsafe")


def test_a_package_that_unpacks_beyond_the_limit_is_refused(written, fixtures):
    document = rewritten((fixtures / "bread.odt").read_bytes(), {"content.xml": b" " * MEGABYTE})

    with Package(written("bomb.odt", document), budget=MEGABYTE // 2) as package:
        package.read("meta.xml")
        with pytest.raises(UnreadableDocument) as caught:
            package.read("content.xml")

    assert (caught.value.code, caught.value.reason) == ("too_large", "inflated")


def test_a_directory_that_claims_to_be_huge_is_not_read(written):
    end = b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 1, 1, 64 * 1024 * 1024, 0, 0)
    path = written("bomb.zip", b"PK\x03\x04" + bytes(100) + end)

    with pytest.raises(UnreadableDocument) as caught:
        Package(path)
    assert caught.value.code == "too_large"


@pytest.mark.parametrize("media_type", [formats.HTML, formats.ARTICLE, formats.XML])
def test_a_document_with_too_many_tags_is_refused_with_the_limit(pool, written, media_type):
    path = written("a", b"<p>" * 1200 + b"x" + b"</p>" * 1200)

    with pytest.raises(UnreadableDocument) as caught:
        pool.parse(path, media_type, name="a", options=Options(max_tags=2000))

    assert (caught.value.code, caught.value.reason) == ("too_large", "tags:2000")
    assert "2,000 tags" in caught.value.message


def test_an_external_entity_in_xml_reads_nothing(read, written, tmp_path):
    (tmp_path / "secret").write_text("the secret")
    xml = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]><a><b>seen &x;</b></a>'

    parsed = read(written("a.xml", xml.encode()))

    assert [element.text for element in parsed.elements] == ["b: seen"]


@pytest.mark.parametrize(
    "name", ["bees.docx", "library.pptx", "budget.xlsx", "bread.odt", "boat.epub", "lighthouse.pdf"]
)
@pytest.mark.parametrize("share", [0.3, 0.7, 0.98])
def test_half_a_document_is_damaged(read, written, fixtures, name, share):
    data = (fixtures / name).read_bytes()
    path = written(name, data[: int(len(data) * share)])

    assert refusal(read, path) == ("corrupt", "")


def test_a_relation_without_a_target_does_not_fail_the_document(read, written, fixtures):
    name = "word/_rels/document.xml.rels"
    with zipfile.ZipFile(fixtures / "bees.docx") as archive:
        relations = archive.read(name)
    dangling = b'<Relationship Id="rId99" Type="http://x/image" Target="NULL"/></Relationships>'
    changed = {name: relations.replace(b"</Relationships>", dangling)}
    path = written("bees.docx", rewritten((fixtures / "bees.docx").read_bytes(), changed))

    assert read(path).title == "Beekeeping through the Year"


def test_a_page_nested_a_thousand_deep_still_gives_its_text(read, written):
    page = (
        "<html><body>" + "<div>" * 3000 + "deep" + "</div>" * 3000 + "<p>shallow</p></body></html>"
    )

    assert [element.text for element in read(written("deep.html", page.encode())).elements] == [
        "deep",
        "shallow",
    ]


def test_control_characters_do_not_reach_the_database(read, written):
    (element,) = read(written("nul.txt", b"before\x00\x00after \x01\x02 end\n")).elements

    assert element.text == "beforeafter end"


def test_control_characters_in_a_page_leave_its_table(read, written):
    page = b"<table><tr><td>a\x02b</td><td>c&#3;d</td></tr><tr><td>1</td><td>2</td></tr></table>"

    (table,) = read(written("page.html", page)).elements

    assert table.text == "| ab | cd |\n| --- | --- |\n| 1 | 2 |"


def test_junk_before_the_header_of_a_pdf_is_skipped(read, written, fixtures):
    path = written(
        "prefixed.pdf", b"\x00\xff junk " * 300 + (fixtures / "lighthouse.pdf").read_bytes()
    )

    assert read(path).title == "Lighthouse Keeping"


def test_a_type_without_a_reader_is_refused(pool, written):
    with pytest.raises(UnreadableDocument) as caught:
        pool.parse(written("a.bin", b"x"), "application/octet-stream", name="a.bin")

    assert caught.value.code == "unsupported"


def test_a_document_of_another_kind_than_promised_is_damaged(pool, fixtures):
    for media_type in (formats.PDF, formats.DOCX, formats.XLSX, formats.EPUB, formats.ODT):
        with pytest.raises(UnreadableDocument) as caught:
            pool.parse(fixtures / "knots.md", media_type, name="knots")
        assert caught.value.code == "corrupt"
