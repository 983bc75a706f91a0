"""Word documents: blocks in order, read from markup as Word writes it."""

import io

import pytest
from support.office_files import NAMES, docx, package, paragraph, relations, row, table

from ingestion.errors.exceptions import UnreadableDocument
from ingestion.parsing import Options

STYLES = (
    '<w:style w:type="paragraph" w:styleId="a1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="1"><w:name w:val="标题 2"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="own"><w:name w:val="Clause"/><w:basedOn w:val="a1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="deep"><w:name w:val="Deep"/>'
    '<w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="t"><w:name w:val="Title"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="c"><w:name w:val="Source Code"/></w:style>'
)


def styled(text: str, style: str) -> str:
    return paragraph(text, f'<w:pStyle w:val="{style}"/>')


@pytest.fixture
def said(read, written, outline):
    """Kinds and texts of a document made of this markup."""

    def said(body: str, **parts: str) -> list[tuple[str, str]]:
        return outline(read(written("a.docx", docx(body, **parts))))

    return said


def test_headings_are_found_by_style_by_base_style_and_by_outline_level(
    said,
):
    body = styled("The title", "t") + styled("One", "a1") + styled("二", "1") + styled("Own", "own")
    body += styled("Deep", "deep") + paragraph("Said here", '<w:outlineLvl w:val="3"/>')

    assert said(body, styles=STYLES) == [
        ("title", "The title"),
        ("heading1", "One"),
        ("heading2", "二"),
        ("heading1", "Own"),
        ("heading3", "Deep"),
        ("heading4", "Said here"),
    ]


LISTS = (
    '<w:abstractNum w:abstractNumId="0">'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%1.%2)"/></w:lvl>'
    '</w:abstractNum><w:abstractNum w:abstractNumId="1">'
    '<w:lvl w:ilvl="0"><w:start w:val="9"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="第%1条"/></w:lvl>'
    '</w:abstractNum><w:abstractNum w:abstractNumId="2">'
    '<w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="o"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
    '<w:num w:numId="3"><w:abstractNumId w:val="2"/></w:num>'
    '<w:num w:numId="4"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/>'
    "</w:lvlOverride></w:num>"
)


def listed(text: str, number: int, level: int = 0) -> str:
    return paragraph(
        text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    )


def test_the_numbers_of_clauses_are_written_out(said):
    body = (
        listed("Scope", 1)
        + listed("Parts", 1)
        + listed("Nuts", 1, 1)
        + listed("Bolts", 1, 1)
        + listed("Term", 1)
    )
    body += (
        listed("范围", 2)
        + listed("期限", 2)
        + listed("生效", 2)
        + listed("A point", 3)
        + listed("Again", 4)
    )

    texts = [text for kind, text in said(body, numbering=LISTS) if kind == "list_item"]

    assert texts == [
        "1. Scope",
        "2. Parts",
        "2.a) Nuts",
        "2.b) Bolts",
        "3. Term",
        "第九条 范围",
        "第十条 期限",
        "第十一条 生效",
        "A point",
        "7. Again",
    ]


def test_notes_comments_and_boxes_follow_their_paragraph(said):
    body = (
        '<w:p><w:r><w:t>It is so.</w:t><w:footnoteReference w:id="2"/></w:r><w:r><w:commentReference w:id="0"/></w:r>'
        "<w:r><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>In a box</w:t></w:r></w:p></w:txbxContent>"
        "</mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent><w:p><w:r><w:t>In a box</w:t></w:r></w:p>"
        "</w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    ) + paragraph("Next.")
    footnotes = f'<w:footnote w:id="2">{paragraph("As Euler says.")}</w:footnote>'
    comments = f'<w:comment w:id="0" w:author="Ada">{paragraph("Is it?")}</w:comment>'

    found = said(body, footnotes=footnotes, comments=comments)

    assert [text for _kind, text in found] == [
        "It is so.",
        "In a box",
        "As Euler says.",
        "Ada: Is it?",
        "Next.",
    ]


def test_headers_and_footers_come_once_at_the_end_without_page_numbers(said):
    header = (
        paragraph("Doc. QP-0042")
        + '<w:p><w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple></w:p>'
    )
    field = (
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> NUMPAGES </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>12</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    )

    found = said(paragraph("Text."), header=header + field, footer=paragraph("Doc. QP-0042"))

    assert found == [("paragraph", "Text."), ("Header", "Doc. QP-0042")]


def test_merged_cells_are_filled_and_header_rows_become_one(said):
    body = table(
        row("v>Part", "2>Price", header=True),
        row("^>", "net", "gross", header=True),
        row("v>Valve", "1", "2"),
        row("^>", "3", "4"),
    )

    assert said(body) == [
        (
            "table",
            "| Part | Price net | Price gross |\n| --- | --- | --- |\n| Valve | 1 | 2 |\n| Valve | 3 | 4 |",
        )
    ]


def test_a_short_table_stays_in_its_cell_and_a_long_one_follows(said):
    short = table(row("a", "b"), row("1", "2")) + "<w:p/>"
    long = table(row("Name", "Remark"), row("x", "word " * 60)) + "<w:p/>"

    found = said(table(row("Key", "Value"), row("one", short), row("two", long)))

    assert found[0] == ("table", "| Key | Value |\n| --- | --- |\n| one | a, b; 1, 2 |\n| two | |")
    assert found[1][1].startswith("| Name | Remark |")


def test_a_table_of_one_column_is_a_frame(said):
    body = table(row(styled("Inside", "a1")), row("Text."))

    assert said(body, styles=STYLES) == [("heading1", "Inside"), ("paragraph", "Text.")]


def test_pages_follow_the_breaks_rendered_by_word(read, written):
    rendered = "<w:p><w:r><w:lastRenderedPageBreak/><w:t>Three.</w:t></w:r></w:p>"
    body = (
        paragraph("One.")
        + "<w:p><w:r><w:t>Two</w:t><w:lastRenderedPageBreak/><w:t>, still.</w:t></w:r></w:p>"
    )

    parsed = read(written("a.docx", docx(body + rendered)))

    assert [(element.page, element.text) for element in parsed.elements] == [
        (1, "One."),
        (1, "Two, still."),
        (3, "Three."),
    ]
    assert parsed.pages == 3


def test_manual_breaks_are_pages_unless_a_page_would_be_too_long(read, written):
    turned = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>' + paragraph("After.")

    short = read(written("a.docx", docx(paragraph("Before.") + turned)))
    long = read(written("b.docx", docx(paragraph("Before, at length. " * 500) + turned)))

    assert [element.page for element in short.elements] == [1, 2]
    assert [element.page for element in long.elements] == [None, None]


def test_code_is_one_block_and_changes_are_as_accepted(said):
    body = (
        styled("def f():", "c")
        + "<w:p><w:pPr><w:pStyle w:val='c'/></w:pPr><w:r><w:tab/><w:t>pass</w:t></w:r></w:p>"
    )
    body += "<w:p><w:ins><w:r><w:t>new</w:t></w:r></w:ins><w:del><w:r><w:delText>old</w:delText></w:r></w:del></w:p>"

    assert said(body, styles=STYLES) == [("code", "def f():\n\tpass"), ("paragraph", "new")]


def test_a_formula_is_latex(said):
    body = (
        "<w:p><w:r><w:t>So</w:t></w:r><m:oMath><m:r><m:t>A=</m:t></m:r><m:f><m:num><m:r><m:t>π</m:t></m:r></m:num>"
        "<m:den><m:sSup><m:e><m:r><m:t>r</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:den></m:f>"
        "</m:oMath><w:r><w:t>.</w:t></w:r></w:p>"
    )

    assert said(body) == [("paragraph", r"So A=\frac{\pi}{r^{2}} .")]


def math(*texts: str) -> str:
    return "".join(f"<m:r><m:t>{text}</m:t></m:r>" for text in texts)


HALF = f"<m:f><m:num>{math('1')}</m:num><m:den>{math('2')}</m:den></m:f>"


@pytest.mark.parametrize(
    ("markup", "latex"),
    [
        (
            f"<m:nary><m:naryPr><m:chr m:val='⋃'/></m:naryPr><m:sub>{math('n=1')}</m:sub><m:sup/>"
            f"<m:e>{math('X∩Y⊆Z')}</m:e></m:nary>",
            r"\bigcup_{n=1} X\cap Y\subseteq Z",
        ),
        (
            f"<m:limLow><m:e><m:groupChr><m:e>{math('a⋅b')}</m:e></m:groupChr></m:e><m:lim>{math('both')}</m:lim>"
            "</m:limLow>",
            r"\underbrace{a\cdot b}_{both}",
        ),
        (
            f"<m:limLow><m:e>{math('argmax')}</m:e><m:lim>{math('ϵ')}</m:lim></m:limLow>",
            r"\operatorname{argmax}_{\epsilon}",
        ),
        (
            f"<m:d><m:e>{HALF}</m:e></m:d><m:d><m:e>{math('x')}</m:e></m:d>",
            r"\left(\frac{1}{2}\right)(x)",
        ),
        (
            f"<m:d><m:dPr><m:begChr m:val='{{'/><m:endChr m:val=''/></m:dPr><m:e>{HALF}</m:e></m:d>",
            r"\left\{\frac{1}{2}\right.",
        ),
        (f"<m:sSup><m:e>{HALF}</m:e><m:sup>{math('2')}</m:sup></m:sSup>", r"{\frac{1}{2}}^{2}"),
        (
            f"<m:acc><m:accPr><m:chr m:val='\u20d7'/></m:accPr><m:e>{math('v')}</m:e></m:acc>",
            r"\vec{v}",
        ),
        (
            f"<m:bar><m:barPr><m:pos m:val='top'/></m:barPr><m:e>{math('x')}</m:e></m:bar>",
            r"\overline{x}",
        ),
        (
            f"<m:sPre><m:sub>{math('6')}</m:sub><m:sup>{math('14')}</m:sup><m:e>{math('C')}</m:e></m:sPre>",
            "{}_{6}^{14}C",
        ),
    ],
)
def test_signs_braces_and_accents_of_a_formula_are_latex(said, markup, latex):
    assert said(f"<w:p><m:oMath>{markup}</m:oMath></w:p>") == [("Formula", latex)]


def test_a_chart_is_read_as_its_table_of_values(said):
    def points(name: str, *values: str) -> str:
        cached = "".join(
            f'<c:pt idx="{at}"><c:v>{value}</c:v></c:pt>' for at, value in enumerate(values)
        )
        return f"<c:{name}><c:strRef><c:strCache>{cached}</c:strCache></c:strRef></c:{name}>"

    chart = "<c:title><a:p><a:r><a:t>Ducks seen</a:t></a:r></a:p></c:title>"
    chart += f"<c:ser>{points('tx', 'Ducks')}{points('cat', '2023', '2024')}{points('val', '280', '310')}</c:ser>"
    body = '<w:p><w:r><w:drawing><c:chart r:id="relchart"/></w:drawing></w:r></w:p>'

    assert said(body, chart=chart) == [
        ("caption", "Ducks seen"),
        ("table", "| | Ducks |\n| --- | --- |\n| 2023 | 280 |\n| 2024 | 310 |"),
    ]


@pytest.mark.parametrize("body", ["", "<w:p/>", table(row("", ""))])
def test_a_document_without_text_is_reported(said, body):
    with pytest.raises(UnreadableDocument) as refusal:
        said(body)

    assert refusal.value.code == "no_text"


def test_a_cycle_of_styles_does_not_stop_the_reader(said):
    styles = '<w:style w:type="paragraph" w:styleId="x"><w:name w:val="x"/><w:basedOn w:val="x"/></w:style>'

    assert said(styled("Text.", "x"), styles=styles) == [("paragraph", "Text.")]


def test_text_in_a_picture_is_read_once_unless_recognition_is_off(read, written):
    body = '<w:p><w:r><w:drawing><a:blip r:embed="rIdP"/></w:drawing></w:r></w:p>'
    parts = {
        "word/document.xml": f"<w:document {NAMES}><w:body>{paragraph('As shown:')}{body * 2}</w:body></w:document>",
        "word/_rels/document.xml.rels": relations(("rIdP", "image", "media/sign.png")),
        "word/media/sign.png": writing("HARBOUR CLOSED AT NIGHT"),
    }
    path = written("a.docx", package("docx", parts))

    seen = [element.text for element in read(path).elements]
    unseen = [element.text for element in read(path, options=Options(ocr=False)).elements]

    assert seen == ["As shown:", "HARBOUR CLOSED AT NIGHT"]
    assert unseen == ["As shown:"]


def writing(text: str) -> bytes:
    """Return a picture with text."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (900, 120), "white")
    ImageDraw.Draw(image).text((30, 30), text, fill="black", font=ImageFont.load_default(size=48))
    file = io.BytesIO()
    image.save(file, "BMP")
    return file.getvalue()
