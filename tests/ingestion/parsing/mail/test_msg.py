"""Messages of Outlook whose strings are of 8 bits: read in the code pages that the message names, or detected."""

import pytest
from support.outlook_files import outlook_message

SUBJECT, BODY, HTML = 0x0037, 0x1000, 0x1013
SENDER_NAME, SENDER_ADDRESS = 0x0C1A, 0x0C1F
MESSAGE_CODE_PAGE, INTERNET_CODE_PAGE = 0x3FFD, 0x3FDE
RECIPIENT_TYPE, NAME, ADDRESS = 0x0C15, 0x3001, 0x3003
FILE_NAME, ATTACH_METHOD, FILE = 0x3707, 0x3705, 0x3701
TEXTS = {
    "gb18030": (
        "报价单（朱镕基）",
        "请查收附件中的报价单，如有问题请与我联系。",
        "张三",
        "报价单.txt",
    ),
    "big5hkscs": ("報價單", "請查收附件中的報價單，如有問題請與我聯絡。", "張小明", "報價單.txt"),
    "cp932": (
        "見積書①",
        "添付の見積書をご確認ください。ご不明な点はご連絡ください。",
        "田中一郎",
        "見積書.txt",
    ),
    "cp949": (
        "견적서",
        "첨부된 견적서를 확인해 주시기 바랍니다. 똠방각하.",
        "김철수",
        "견적서.txt",
    ),
    "cp1251": (
        "Коммерческое предложение",
        "Просим ознакомиться с нашим предложением.",
        "Иван",
        "цены.txt",
    ),
}


def eight_bit(encoding: str, odd: bytes = b"", **pages: int) -> bytes:
    """A message of 8-bit strings, to one recipient and with one attachment; `odd` ends the subject."""
    subject, body, person, file = (text.encode(encoding) for text in TEXTS[encoding])
    named = {"message": MESSAGE_CODE_PAGE, "internet": INTERNET_CODE_PAGE}
    properties = {
        SUBJECT: subject + odd,
        BODY: body,
        SENDER_NAME: person,
        SENDER_ADDRESS: b"a@x.org",
    }
    return outlook_message(
        properties | {named[name]: page for name, page in pages.items()},
        recipients=[{RECIPIENT_TYPE: 1, NAME: person, ADDRESS: b"b@x.org"}],
        attachments=[{ATTACH_METHOD: 1, FILE_NAME: file, FILE: bytearray(b"Fee 202 EUR")}],
    )


def expected(encoding: str, odd: str = "") -> list[str]:
    subject, body, person, file = TEXTS[encoding]
    headers = f'From: "{person}" <a@x.org>\nTo: {person} <b@x.org>'
    return [subject + odd, headers, body, file, "Fee 202 EUR"]


@pytest.mark.parametrize(
    ("encoding", "page"),
    [("gb18030", 936), ("big5hkscs", 950), ("cp932", 932), ("cp949", 949), ("cp1251", 1251)],
)
def test_strings_of_recipients_and_attachments_are_read_in_the_code_page_of_the_message(
    read, written, encoding, page
):
    parsed = read(written("a.msg", eight_bit(encoding, message=page)))

    assert [element.text for element in parsed.elements] == expected(encoding)
    assert parsed.title == TEXTS[encoding][0]


@pytest.mark.parametrize("pages", [{}, {"message": 12345}, {"message": 50227, "internet": 0}])
@pytest.mark.parametrize("encoding", TEXTS)
def test_strings_without_a_known_code_page_are_read_in_the_encoding_that_they_show(
    read, written, encoding, pages
):
    parsed = read(written("a.msg", eight_bit(encoding, **pages)))

    assert [element.text for element in parsed.elements] == expected(encoding)


@pytest.mark.parametrize(
    ("encoding", "page", "odd"), [("gb18030", 936, b"\xff"), ("cp1251", 1251, b"\x98")]
)
def test_an_undecodable_byte_is_replaced_alone(read, written, encoding, page, odd):
    parsed = read(written("a.msg", eight_bit(encoding, odd, message=page)))

    assert [element.text for element in parsed.elements] == expected(encoding, "\ufffd")


def test_a_body_is_read_in_the_code_page_of_the_internet_and_a_subject_in_that_of_the_message(
    read, written
):
    subject, body = "Срок договора", "Оплата"
    properties = {SUBJECT: subject.encode("cp1251"), BODY: body.encode("koi8-r")}
    pages = {MESSAGE_CODE_PAGE: 1251, INTERNET_CODE_PAGE: 20866}

    parsed = read(written("a.msg", outlook_message(properties | pages)))

    assert [element.text for element in parsed.elements] == [subject, body]


@pytest.mark.parametrize(
    ("page", "charset"),
    [({INTERNET_CODE_PAGE: 20866}, ""), ({}, '<meta charset="koi8-r">'), ({}, "")],
)
def test_a_page_of_a_message_is_read_in_the_encoding_that_the_message_or_the_page_names(
    read, written, page, charset
):
    html = f"<html>{charset}<p>Оплата по договору до конца месяца.</p></html>".encode("koi8-r")

    parsed = read(written("a.msg", outlook_message({SUBJECT: "A", HTML: bytearray(html)} | page)))

    assert [element.text for element in parsed.elements] == [
        "A",
        "Оплата по договору до конца месяца.",
    ]


def test_a_message_in_unicode_is_read_under_any_code_page(read, written):
    properties = {SUBJECT: "Fee €", BODY: "Fee 202 EUR"}

    parsed = read(written("a.msg", outlook_message(properties | {MESSAGE_CODE_PAGE: 99999})))

    assert [element.text for element in parsed.elements] == ["Fee €", "Fee 202 EUR"]
