"""The page of supported formats and limits."""

from ingestion.parsing.formats import FORMATS, Need

ADDRESS = "/formats/"


def test_every_format_and_limit_is_on_the_page(browse, reader, settings):
    settings.MAX_ARCHIVE_DOCUMENTS = 1234

    page = browse(reader).get(ADDRESS).content.decode()

    assert {each.suffixes[0] for each in FORMATS if each.suffixes[0] not in page} == set()
    assert "1,234" in page


def test_the_page_is_translated_into_chinese(browse, reader):
    page = browse(reader).get(ADDRESS, headers={"Accept-Language": "zh-hans"}).content.decode()

    assert "源代码" in page


def test_formats_that_need_libreoffice_name_its_availability(browse, reader, monkeypatch):
    client = browse(reader)
    found: dict[bool, str] = {}
    for there in (True, False):
        monkeypatch.setattr(
            "ingestion.parsing.sandbox.libreoffice.shutil.which",
            lambda name, there=there: name if there else None,
        )
        found[there] = client.get(ADDRESS).content.decode()

    wanted = any(each.needs == Need.OFFICE for each in FORMATS)
    assert ("is not installed on this server" in found[False]) == wanted
    assert "is not installed on this server" not in found[True]
