"""Messages with what they carry, mailboxes, saved pages, Outlook's own files."""

from email.message import EmailMessage

import pytest

from ingestion.parsing import detect_media_type, formats


def message(
    subject: str = "Fees", body: str = "The fees rise.\n\n> They were five.\n> They will be six."
) -> EmailMessage:
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = subject, "Mei <mei@example.org>", "Tom <tom@example.org>"
    made["Date"] = "Mon, 05 Jan 2026 10:00:00 +0000"
    made.set_content(body)
    return made


HEADERS = ("paragraph", "From: Mei <mei@example.org>\nTo: Tom <tom@example.org>\nDate: Mon, 05 Jan 2026 10:00:00 +0000")


def test_attachments_are_read_below_their_names_and_history_is_kept(read, written, outline, fixtures):
    made = message()
    made.add_attachment((fixtures / "knots.md").read_bytes(), maintype="text", subtype="markdown", filename="knots.md")
    made.add_attachment(b"MZ\x00", maintype="application", subtype="octet-stream", filename="tool.exe")

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
        (fixtures / "bees.docx").read_bytes(), maintype="application", subtype="x", filename="bees.docx"
    )

    parsed = read(written("a.eml", made.as_bytes()))

    assert {element.page for element in parsed.elements} == {None}
    assert any("Hive" in element.text for element in parsed.elements)


def test_messages_in_messages_are_read_to_a_depth(read, written):
    made = message("deepest")
    for depth in range(12):
        outer = message(f"depth {depth}")
        outer.add_attachment(made.as_bytes(), maintype="application", subtype="octet-stream", filename="inner.eml")
        made = outer

    texts = [element.text for element in read(written("a.eml", made.as_bytes())).elements]

    assert "depth 8" in texts
    assert "deepest" not in texts


def test_a_mailbox_is_a_section_for_each_message(read, written, outline):
    one, two = message("One", "First.\n\nFrom here on it rains.").as_string(), message("二", "第二封。").as_string()
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
        ("a.mbox", b"From mei Mon Jan  5 10:00:00 2026\nFrom: a@b.c\nTo: b\nDate: c\n\nx", formats.MBOX),
        ("a.eml", b"Subject: x\n\nFrom Monday on", formats.EML),
        ("a.txt", b"From Monday on it rains.", formats.TEXT),
    ],
)
def test_messages_and_mailboxes_are_told_apart(written, name, data, expected):
    assert detect_media_type(written("blob", data), name) == expected


@pytest.mark.data
def test_messages_of_outlook_are_read_with_their_attachments(read, real_data):
    parsed = read(real_data / "documents" / "normal" / "docling__msg_with_attachment.msg")

    texts = [element.text for element in parsed.elements]
    assert parsed.title == "Email with Attachment"
    assert texts[1].startswith(
        'From: "Alice Example" <alice@example.com>\nTo: Bob Example <bob@example.com>\nDate: Wed'
    )
    assert "test.txt" in texts
