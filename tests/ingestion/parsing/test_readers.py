"""One small document of each kind, read to the end."""

import pytest

from ingestion.errors.exceptions import UnreadableDocument
from ingestion.parsing import Options


def test_a_word_document_keeps_headings_lists_and_tables(read, outline):
    parsed = read("bees.docx")

    assert parsed.title == "Beekeeping through the Year"
    assert outline(parsed) == [
        ("title", "Beekeeping through the Year"),
        ("heading1", "Spring"),
        ("paragraph", "In April the keeper checks that every hive still has its queen."),
        ("heading2", "Feeding"),
        ("list_item", "Sugar water, one to one"),
        ("list_item", "A pollen patty above the brood"),
        ("heading1", "夏季"),
        ("paragraph", "六月收获蜂蜜，每个蜂箱大约二十公斤。"),
        (
            "table",
            "| Hive | Kilos | Queen |\n| --- | --- | --- |\n| North | 21 | 2024 |\n| South | 18 | 2025 |",
        ),
        ("Header", "Bee Club"),
    ]


def test_slides_are_pages_with_their_titles_as_headings_and_their_notes(read):
    parsed = read("library.pptx")

    assert parsed.pages == 2
    assert [(e.page, e.text) for e in parsed.elements if e.type == "Title"] == [
        (1, "Why we moved the library"),
        (2, "What it cost"),
    ]
    assert (1, "Mention the insurance claim of 2023.") in [
        (e.page, e.text) for e in parsed.elements
    ]
    assert (
        parsed.elements[-1].text
        == "| Item | Euros |\n| --- | --- |\n| Shelves | 4100 |\n| Movers | 1950 |"
    )


def test_a_sheet_is_a_heading_and_every_table_has_its_header(read, outline):
    parsed = read("budget.xlsx")

    assert outline(parsed)[:6] == [
        ("heading1", "预算 2026"),
        ("caption", "预算 2026!A2:D3: 部门, Amount, Share, Date"),
        ("caption", "Annual budget"),
        (
            "table",
            "| 部门 | Amount | Share | Date |\n| --- | --- | --- | --- |\n| 研发 | 1200 | 25% | 2026-01-02 |",
        ),
        ("caption", "预算 2026!A5:D5: 部门, Amount, Share, Date"),
        (
            "table",
            "| 部门 | Amount | Share | Date |\n| --- | --- | --- | --- |\n| Sales | 3600 | 75% | 2026-03-04 09:30 |",
        ),
    ]


def test_long_numbers_of_a_sheet_stay_whole_beside_gaps_and_merged_cells_count_for_each_row(read):
    table = read("budget.xlsx").elements[-1].text

    assert "| Valves | 1234567890123 | 3 |" in table
    assert "| Valves | 1234567890124 | |" in table
    assert "| Pumps | 77 | 2.5 |" in table


def test_a_pdf_has_pages_headings_and_whole_sentences_but_no_running_footer(read):
    parsed = read("lighthouse.pdf")

    assert (parsed.title, parsed.pages) == ("Lighthouse Keeping", 3)
    assert [(e.type, e.level, e.page, e.text) for e in parsed.elements if e.type == "Title"] == [
        ("Title", None, 1, "Lighthouse Keeping"),
        ("Title", 2, 1, "1 The Lamp"),
        ("Title", 2, 2, "2 The Foghorn"),
        ("Title", 3, 2, "2.1 Testing"),
        ("Title", 2, 3, "3 The Boat"),
    ]
    assert (
        "The lamp of the lighthouse burns from dusk to dawn, and the keeper trims its wick every four hours. "
        "Whoever is on watch writes the time of each trimming into the log."
    ) in [e.text for e in parsed.elements]
    assert not any("Lighthouse Service" in e.text for e in parsed.elements)


def test_lines_of_a_chinese_pdf_are_joined_without_a_space(read):
    parsed = read("灯塔.pdf")

    texts = [(e.page, e.text) for e in parsed.elements]
    assert parsed.title == "灯塔管理手册"
    assert (
        1,
        "灯塔的灯从黄昏亮到黎明，守塔人每四个小时修剪一次灯芯。值班的人要把每次修剪的时间写进日志。",
    ) in texts
    assert (2, "看不见远处的浮标时，雾号每分钟鸣响三秒钟。压缩机的零件号是 KX-4471-B。") in texts


def test_a_pdf_of_pictures_without_text_is_reported(read):
    with pytest.raises(UnreadableDocument, match="or its images") as refusal:
        read("picture.pdf")
    with pytest.raises(UnreadableDocument, match="OCR is off in this workspace") as unseen:
        read("picture.pdf", options=Options(ocr=False))

    assert refusal.value.code == unseen.value.code == "no_text"


@pytest.mark.parametrize(("name", "password"), [("locked.pdf", "lamp"), ("locked.docx", "honey")])
def test_a_locked_document_opens_only_with_its_password(read, name, password):
    with pytest.raises(UnreadableDocument, match="Enter the password") as refusal:
        read(name)
    with pytest.raises(UnreadableDocument, match="Wrong password for this document") as second:
        read(name, password="wrong")
    parsed = read(name, password=password)

    assert refusal.value.code == second.value.code == "password_needed"
    assert len(parsed.elements) > 5


def test_a_pdf_that_only_its_owner_may_change_is_read_without_a_password(read):
    assert read("owner-locked.pdf").title == "Lighthouse Keeping"


def test_an_open_document_text_keeps_headings_lists_and_tables(read, outline):
    parsed = read("bread.odt")

    assert parsed.title == "Baking Notes"
    assert outline(parsed) == [
        ("heading1", "Bread"),
        ("paragraph", "Flour, water and\nsalt."),
        ("heading2", "酵母"),
        ("list_item", "Fresh yeast"),
        ("list_item", "Sourdough"),
        ("table", "| Day | Loaves |\n| --- | --- |\n| 7 | 7 |"),
    ]


def test_a_book_is_read_in_the_order_of_its_spine(read, outline):
    parsed = read("boat.epub")

    assert parsed.title == "The Paper Boat"
    assert outline(parsed) == [
        ("heading1", "Folding"),
        ("paragraph", "She folded the letter into a boat."),
        ("heading1", "Sailing"),
        ("paragraph", "它顺着小溪漂走了。"),
    ]


def test_rich_text_keeps_headings_chinese_and_tables(read, outline):
    parsed = read("harbour.rtf")

    assert parsed.title == "Harbour Rules"
    assert outline(parsed) == [
        ("heading1", "Mooring"),
        ("paragraph", "Ships moor with two lines."),
        ("heading2", "Fees"),
        ("paragraph", "系泊费每天五元。"),
        ("table", "| Length | Fee |\n| --- | --- |\n| 10 m | 5 |"),
    ]


def test_all_consecutive_rich_texts_of_a_file_are_read(read, written, outline):
    one, two = (
        rf"{{\rtf1\ansi{{\fonttbl{{\f0 Arial;}}}} {text} \{{set\}}\par}}"
        for text in ("The first", "The second")
    )

    found = outline(read(written("a.rtf", f"{one}\n\n{two}\n".encode())))

    assert found == [("paragraph", "The first {set}"), ("paragraph", "The second {set}")]


def test_a_web_page_loses_its_menu_and_scripts_and_nothing_else(read, outline):
    parsed = read("tea.html")

    assert parsed.title == "茶叶的保存"
    assert outline(parsed) == [
        ("heading1", "茶叶的保存"),
        ("paragraph", "茶叶要放在干燥、阴凉的地方。"),
        ("heading2", "绿茶"),
        ("paragraph", "为什么冷藏?"),
        ("paragraph", "低温让绿茶保持新鲜。"),
        ("table", "| 茶 | 温度 | 温度 |\n| --- | --- | --- |\n| 绿茶 | 5 | 度 |"),
        ("code", "brew(tea,\n     minutes=3)"),
    ]


def test_markdown_with_front_matter_table_and_code(read, outline):
    parsed = read("knots.md")

    assert parsed.title == "Knots for Sailors"
    assert outline(parsed) == [
        ("title", "Knots for Sailors"),
        ("heading1", "Knots"),
        ("paragraph", "A knot that holds is a good knot."),
        ("heading2", "Bowline"),
        ("list_item", "1. Make a loop."),
        ("list_item", "2. Pass the end through."),
        (
            "table",
            "| Knot | Use |\n| --- | --- |\n| Bowline | Mooring |\n| Cleat hitch | Docking |",
        ),
        ("code", 'tie("bowline")'),
    ]


def test_a_message_shows_sender_and_recipients_and_its_body_once(read, outline):
    parsed = read("rehearsal.eml")

    assert parsed.title == "排练改期 Rehearsal moved"
    assert outline(parsed) == [
        ("title", "排练改期 Rehearsal moved"),
        (
            "paragraph",
            "From: Mei Lin <mei@example.org>\nTo: choir@example.org\nDate: Mon, 05 Jan 2026 10:00:00 +0000",
        ),
        ("paragraph", "The rehearsal moves to Wednesday."),
        ("paragraph", "带上乐谱。"),
        ("list_item", "score.pdf"),
    ]


def test_a_ragged_table_with_a_mark_and_a_quoted_line_end(read):
    (table,) = read("stations.csv").elements

    assert table.text == (
        "| 站名 | Line | Opened | |\n| --- | --- | --- | --- |\n"
        "| 中央 车站 | 2 | 1912 | |\n| 北门 | 4 | | |\n| 东湖 | 4 | 1987 | rebuilt |"
    )


def test_a_chinese_text_in_gb18030_with_chapters(read, outline):
    assert outline(read("雨季.txt")) == [
        ("heading1", "第一章 雨季"),
        (
            "paragraph",
            "雨季从五月开始，到九月结束。山路在这几个月里常常中断，村里的人提前储备粮食和药品。",
        ),
        ("heading1", "第二章 旱季"),
        ("paragraph", "旱季的井水只有三米深。"),
    ]
