"""Messages with attachments, mailboxes, saved pages and Outlook messages."""

from base64 import b64encode
from email.message import EmailMessage

import pytest

from ingestion.parsing import detect_media_type, formats


def message(
    subject: str = "Fees", body: str = "The fees rise.\n\n> They were five.\n> They will be six."
) -> EmailMessage:
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = (
        subject,
        "Mei <mei@example.org>",
        "Tom <tom@example.org>",
    )
    made["Date"] = "Mon, 05 Jan 2026 10:00:00 +0000"
    made.set_content(body)
    return made


HEADERS = (
    "paragraph",
    "From: Mei <mei@example.org>\nTo: Tom <tom@example.org>\nDate: Mon, 05 Jan 2026 10:00:00 +0000",
)


def test_attachments_are_read_below_their_names_and_history_is_kept(
    read, written, outline, fixtures
):
    made = message()
    made.add_attachment(
        (fixtures / "knots.md").read_bytes(),
        maintype="text",
        subtype="markdown",
        filename="knots.md",
    )
    made.add_attachment(
        b"MZ\x00", maintype="application", subtype="octet-stream", filename="tool.exe"
    )

    found = outline(read(written("a.eml", made.as_bytes())))

    assert found[:3] == [("title", "Fees"), HEADERS, ("paragraph", "The fees rise.")]
    assert "They will be six." in found[3][1]
    assert ("heading1", "knots.md") in found
    assert ("heading2", "Knots") in found
    assert ("heading3", "Bowline") in found
    assert found[-1] == ("list_item", "tool.exe")


def test_an_attachment_has_no_pages_of_the_message(read, written, fixtures):
    made = message()
    made.add_attachment(
        (fixtures / "bees.docx").read_bytes(),
        maintype="application",
        subtype="x",
        filename="bees.docx",
    )

    parsed = read(written("a.eml", made.as_bytes()))

    assert {element.page for element in parsed.elements} == {None}
    assert any("Hive" in element.text for element in parsed.elements)


def test_messages_in_messages_are_read_to_a_depth(read, written):
    made = message("deepest")
    for depth in range(12):
        outer = message(f"depth {depth}")
        outer.add_attachment(
            made.as_bytes(), maintype="application", subtype="octet-stream", filename="inner.eml"
        )
        made = outer

    texts = [element.text for element in read(written("a.eml", made.as_bytes())).elements]

    assert "depth 8" in texts
    assert "deepest" not in texts


def test_a_mailbox_is_a_section_for_each_message(read, written, outline):
    one, two = (
        message("One", "First.\n\nFrom here on it rains.").as_string(),
        message("二", "第二封。").as_string(),
    )
    one = one.replace("From here", ">From here")
    box = f"From mei Mon Jan  5 10:00:00 2026\n{one}\nFrom tom Tue Jan  6 10:00:00 2026\n{two}\n"

    found = outline(read(written("box", box.encode())))

    assert found == [
        ("heading1", "One"),
        HEADERS,
        ("paragraph", "First."),
        ("paragraph", "From here on it rains."),
        ("heading1", "二"),
        HEADERS,
        ("paragraph", "第二封。"),
    ]


def test_a_saved_page_is_a_page(read, written, outline):
    page = (
        b"From: <Saved by Blink>\r\nSnapshot-Content-Location: http://x/\r\nSubject: Tea at home\r\n"
        b"MIME-Version: 1.0\r\n"
        b'Content-Type: multipart/related; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html\r\n'
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n<h1>Tea</h1><p>Gr=C3=BCn</p>\r\n"
        b"--b\r\nContent-Type: text/css\r\n\r\np{}\r\n--b--\r\n"
    )

    parsed = read(written("a.mhtml", page))

    assert parsed.title == "Tea at home"
    assert outline(parsed) == [("heading1", "Tea"), ("paragraph", "Grün")]


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a", b"From mei Mon Jan  5 10:00:00 2026\nFrom: a@b.c\nTo: b\nDate: c\n\nx", formats.EML),
        (
            "a.mbox",
            b"From mei Mon Jan  5 10:00:00 2026\nFrom: a@b.c\nTo: b\nDate: c\n\nx",
            formats.MBOX,
        ),
        ("a.eml", b"Subject: x\n\nFrom Monday on", formats.EML),
        ("a.txt", b"From Monday on it rains.", formats.TEXT),
    ],
)
def test_messages_and_mailboxes_are_distinguished(written, name, data, expected):
    assert detect_media_type(written("blob", data), name) == expected


NAME, SUBJECT = "朱镕", "报价单（镕）"


def encoded(text: str, label: str, codec: str = "gb18030") -> bytes:
    return f"=?{label}?B?{b64encode(text.encode(codec)).decode()}?=".encode()


def words_cut_in_a_character(text: str, label: str) -> bytes:
    data = text.encode("gb18030")
    return b"\r\n ".join(
        f"=?{label}?B?{b64encode(half).decode()}?=".encode() for half in (data[:5], data[5:])
    )


@pytest.mark.parametrize(
    "subject",
    [
        encoded(SUBJECT, "gb2312"),
        encoded(SUBJECT, "GBK"),
        encoded(SUBJECT, "cp936"),
        encoded(SUBJECT, "x-gbk"),
        encoded(SUBJECT, "gb2312*zh"),
        encoded(SUBJECT, "gb2312", "utf-8"),
        encoded(SUBJECT, "unknown-8bit"),
        words_cut_in_a_character(SUBJECT, "gb2312"),
        b"=?GB2312?Q?" + "".join(f"={byte:02X}" for byte in SUBJECT.encode("gbk")).encode() + b"?=",
        SUBJECT.encode("gbk"),
        SUBJECT.encode(),
    ],
)
@pytest.mark.parametrize("charset", [b"gb2312", b"us-ascii"])
def test_a_chinese_subject_is_read_under_a_wrong_label(read, written, subject, charset):
    body = "附件是我们三月份的报价单，请查收并于本周五之前确认。".encode("gbk")
    head = (
        b"From: a@example.org\r\nTo: b@example.org\r\nSubject: "
        + subject
        + b"\r\nContent-Type: text/plain; charset="
    )

    parsed = read(
        written("a.eml", head + charset + b"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + body)
    )

    assert parsed.title == SUBJECT
    assert parsed.elements[-1].text == "附件是我们三月份的报价单，请查收并于本周五之前确认。"


@pytest.mark.parametrize("label", ["gb2312", "gbk"])
def test_names_of_people_and_files_in_chinese_are_read(read, written, label):
    made = (
        b"From: "
        + encoded(NAME, label)
        + b" <a@example.org>\r\nTo: "
        + NAME.encode("gbk")
        + b" <b@example.org>\r\n"
    )
    made += b"Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    escaped = "".join(f"%{byte:02X}" for byte in f"{NAME}一.bin".encode("gbk"))
    for name in (
        f"filename*={label}''{escaped}".encode(),
        b'filename="' + encoded(f"{NAME}二.bin", label) + b'"',
        b'filename="' + f"{NAME}三.bin".encode("gbk") + b'"',
    ):
        made += (
            b"--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; "
            + name
            + b"\r\n\r\nMZ\x00\r\n"
        )

    texts = [element.text for element in read(written("a.eml", made + b"--b--\r\n")).elements]

    assert texts == [
        "x",
        f"From: {NAME} <a@example.org>\nTo: {NAME} <b@example.org>",
        *(f"{NAME}{n}.bin" for n in "一二三"),
    ]


def test_headers_of_other_languages_are_read_beside_their_labels(read, written):
    made = message("Grüße: naïve café – 20 €")
    made.replace_header("From", "Zoë Müller <z@example.org>")

    parsed = read(written("a.eml", made.as_bytes()))
    latin = read(
        written(
            "b.eml",
            "From: Zoë <z@x.org>\nTo: b@x.org\nSubject: Prüfung für Öl\n\nÜber uns.".encode(
                "cp1252"
            ),
        )
    )

    assert parsed.title == "Grüße: naïve café – 20 €"
    assert parsed.elements[1].text.startswith("From: Zoë Müller <z@example.org>")
    assert [element.text for element in latin.elements] == [
        "Prüfung für Öl",
        "From: Zoë <z@x.org>\nTo: b@x.org",
        "Über uns.",
    ]


@pytest.mark.parametrize(
    ("parameters", "body", "texts"),
    [
        (
            "format=flowed",
            "One line \ngoes on.\nAnother.\nShort.",
            ["One line goes on.", "Another.\nShort."],
        ),
        (
            "format=flowed; delsp=yes",
            "这是在行中 \n间断开的 \n一句。",
            ["这是在行中间断开的一句。"],
        ),
        ("format=flowed", "这是在行中 \n间断开的一句。", ["这是在行中间断开的一句。"]),
        (
            "format=Flowed",
            "> Quoted words \n> go on.\n>> Deeper \nMine \n",
            ["> Quoted words go on.", ">> Deeper", "Mine"],
        ),
        ("format=flowed", "Bye \n-- \nMei", ["Bye\n--\nMei"]),
        ("format=flowed", "well- \nknown\n From here", ["well- known", "From here"]),
        ("format=fixed", "One line \nthere.", ["One line\nthere."]),
    ],
)
def test_flowed_lines_are_joined(read, written, parameters, body, texts):
    head = f"From: a@x.org\nTo: b@x.org\nSubject: s\nContent-Type: text/plain; charset=utf-8; {parameters}\n\n"

    parsed = read(written("a.eml", (head + body).encode()))

    assert [element.text for element in parsed.elements[2:]] == texts


@pytest.mark.data
def test_chinese_messages_under_narrow_labels_are_read(read, real_data):
    labelled = read(real_data / "cases" / "06-eml_a-gb2312-but-gbk.eml")
    flowed = read(real_data / "cases" / "06-eml_f-flowed-cp936.eml")

    assert labelled.title == "报价单（镕）"
    assert labelled.elements[1].text.startswith("From: ")
    assert "\ufffd" not in "".join(element.text for element in labelled.elements)
    assert [element.text for element in flowed.elements[2:]] == [
        "这是一个很长的段落，在行末被软换行拆开，应当合并为一句。",
        "> 引用的内容",
    ]


@pytest.mark.data
def test_messages_of_outlook_are_read_with_their_attachments(read, real_data):
    parsed = read(real_data / "documents" / "normal" / "docling__msg_with_attachment.msg")

    texts = [element.text for element in parsed.elements]
    assert parsed.title == "Email with Attachment"
    assert texts[1].startswith(
        'From: "Alice Example" <alice@example.com>\nTo: Bob Example <bob@example.com>\nDate: Wed'
    )
    assert "test.txt" in texts
