"""Runs of Word documents: hidden text, symbol fonts, raised figures, links, contents."""

import pytest
from support.office_files import NAMES, docx, package, paragraph, relations, row, table

from ingestion.parsing.office.symbol_fonts import in_symbols
from ingestion.parsing.text.superscripts import raised

HYPERLINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
FORM = "https://intranet.example.org/form/77"


@pytest.fixture
def texts(read, written, outline):
    """Texts of a document made of this markup."""

    def texts(body: str, **parts: str) -> list[str]:
        return [text for _kind, text in outline(read(written("a.docx", docx(body, **parts))))]

    return texts


@pytest.fixture
def linked(read, written, outline):
    """Kinds and texts of a document in which rL is a link to `address`."""

    def linked(body: str, address: str) -> list[tuple[str, str]]:
        rels = relations(("r0", "styles", "styles.xml")).replace(
            "</Relationships>",
            f'<Relationship Id="rL" Type="{HYPERLINK}" Target="{address}" TargetMode="External"/></Relationships>',
        )
        heading = '<w:style w:type="paragraph" w:styleId="h"><w:name w:val="heading 1"/></w:style>'
        parts = {
            "word/document.xml": f"<w:document {NAMES}><w:body>{body}</w:body></w:document>",
            "word/_rels/document.xml.rels": rels,
            "word/styles.xml": f"<w:styles {NAMES}>{heading}</w:styles>",
        }
        return outline(read(written("a.docx", package("docx", parts))))

    return linked


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def fld_char(kind: str, inside: str = "") -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}">{inside}</w:fldChar></w:r>'


def instruction(code: str) -> str:
    return f"<w:r><w:instrText>{code}</w:instrText></w:r>"


def field(code: str, shown: str) -> str:
    return fld_char("begin") + instruction(code) + fld_char("separate") + shown + fld_char("end")


def fonts(name: str) -> str:
    return f'<w:rFonts w:ascii="{name}" w:hAnsi="{name}"/>'


def test_text_hidden_by_its_run_or_style_is_left_out(texts):
    styles = (
        '<w:style w:type="character" w:styleId="secret"><w:name w:val="Secret"/><w:rPr><w:vanish/></w:rPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="gone"><w:name w:val="Gone"/><w:rPr><w:vanish/></w:rPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="too"><w:name w:val="Too"/><w:basedOn w:val="gone"/></w:style>'
    )
    secret = run(" secret", '<w:rStyle w:val="secret"/>')
    shown = run("But this.", '<w:vanish w:val="0"/>')
    body = f"<w:p>{run('Open')}{run(' hidden', '<w:vanish/>')}{secret}</w:p>"
    body += paragraph("All of it.", '<w:pStyle w:val="too"/>')
    body += f'<w:p><w:pPr><w:pStyle w:val="too"/></w:pPr>{shown}</w:p>'

    assert texts(body, styles=styles) == ["Open", "But this."]


def test_letters_and_numbers_of_the_symbol_font_are_their_signs(texts):
    symbol = fonts("Symbol")
    plus_minus, degree = (
        f'<w:r><w:sym w:font="Symbol" w:char="{code}"/></w:r>' for code in ("F0B1", "F0B0")
    )
    body = (
        run("Bore 20 ")
        + run("m", symbol)
        + run("m, x ")
        + run("&#xF0A3;", symbol)
        + run(" 5, ")
        + plus_minus
    )
    body += run("0.1, 30") + degree + run("C, 10 k") + run("W", symbol) + run(", y &#xF0B3; 9")

    assert texts(f"<w:p>{body}</w:p>") == ["Bore 20 µm, x ≤ 5, ±0.1, 30°C, 10 kΩ, y ≥ 9"]


@pytest.mark.parametrize(
    ("font", "code", "sign"),
    [
        ("Wingdings", 0xFE, "☑"), ("Wingdings", 0xA8, "☐"), ("Wingdings", 0x6F, "☐"), ("Wingdings", 0xFC, "✓"),
        ("Wingdings", 0xE0, "→"), ("Wingdings 2", 0x52, "☑"), ("Wingdings 2", 0xA3, "☐"), ("Wingdings 3", 0x67, "→"),
        ("Webdings", 0x61, "✓"), ("Symbol", 0x6D, "µ"), ("Symbol", 0xDE, "⇒"), ("Wingdings", 0x24, ""),
    ],
)  # fmt: skip
def test_a_sign_is_the_same_as_letter_private_character_and_symbol(texts, font, code, sign):
    assert in_symbols(chr(code), font) == in_symbols(chr(0xF000 + code), font) == sign
    symbol = f'<w:r><w:sym w:font="{font}" w:char="F0{code:02X}"/></w:r>'
    assert texts(f"<w:p>{run('a ')}{symbol}{run(' b')}</w:p>") == [f"a {sign} b" if sign else "a b"]


def test_ticked_and_empty_boxes_of_forms_differ(texts):
    boxes = ""
    for state, word in (("<w:checked/>", "yes"), ("", "no")):
        data = f'<w:ffData><w:checkBox><w:default w:val="0"/>{state}</w:checkBox></w:ffData>'
        boxes += (
            fld_char("begin", data)
            + instruction(" FORMCHECKBOX ")
            + fld_char("end")
            + run(f" {word} ")
        )

    assert texts(f"<w:p>{boxes}</w:p>") == ["☒ yes ☐ no"]


def test_raised_text_is_a_power_or_the_mark_of_a_note(texts):
    up = '<w:vertAlign w:val="superscript"/>'
    body = (
        run("10")
        + run("−", up)
        + run("6", up)
        + run(" m")
        + run("2", up)
        + run(", 1,200")
        + run("3", up)
    )
    body += run(" million, 1") + run("st", up)

    assert texts(f"<w:p>{body}</w:p>") == ["10^-6 m^2, 1,200 ^3 million, 1st"]


@pytest.mark.parametrize(
    ("before", "text", "written"),
    [
        ("10", "6", "^6"), ("2", "10", "^10"), ("x", "-1", "^-1"), ("2024", "1", " ^1"), ("3.5", "2", " ^2"),
        ("a ", "2", "2"), ("", "1", "1"), ("the", "(a)", "(a)"), ("10", "+3", "^+3"), ("1,200", "-3", "^-3"),
    ],
)  # fmt: skip
def test_the_text_before_a_raised_figure_decides_its_form(before, text, written):
    assert raised(before, text) == written


def test_the_address_of_a_link_follows_its_words(linked):
    here, itself = (f'<w:hyperlink r:id="rL">{run(text)}</w:hyperlink>' for text in ("here", FORM))
    there, below = (
        field(f' HYPERLINK "{FORM}" ', run("there")),
        field(' HYPERLINK \\l "_Toc1" ', run("below")),
    )
    mail = f'<w:fldSimple w:instr="HYPERLINK &quot;mailto:a@example.org&quot;">{run("write")}</w:fldSimple>'
    lines = (
        run("The form is ") + here + run("."),
        run("Or ") + there + run("."),
        mail,
        itself,
        below,
    )
    body = "".join(f"<w:p>{line}</w:p>" for line in lines)

    assert [text for _kind, text in linked(body, FORM)] == [
        f"The form is here ({FORM}).", f"Or there ({FORM}).", "write (mailto:a@example.org)", FORM, "below",
    ]  # fmt: skip


def test_addresses_of_other_kinds_are_left_out(linked):
    body = f"<w:p><w:hyperlink r:id='rL'>{run('open')}</w:hyperlink></w:p>"

    assert linked(body, "file:///c:/secret.txt") == [("paragraph", "open")]


def test_the_address_in_a_heading_is_written_below_the_heading(linked):
    body = f'<w:p><w:pPr><w:pStyle w:val="h"/></w:pPr><w:hyperlink r:id="rL">{run("Forms")}</w:hyperlink></w:p>'

    assert linked(body, FORM) == [("heading1", "Forms"), ("paragraph", FORM)]


def test_generated_tables_of_contents_are_left_out(texts):
    entry = run("3 Valves") + field(" PAGEREF _Toc3 ", run("4"))
    begin = fld_char("begin") + instruction(' TOC \\o "1-3" ') + fld_char("separate")
    lines = f"<w:p>{begin}{entry}</w:p><w:p>{entry}</w:p><w:p>{fld_char('end')}</w:p>"
    gallery = '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj>'
    block = f"<w:sdt><w:sdtPr>{gallery}</w:sdtPr><w:sdtContent>{paragraph('Contents')}{lines}</w:sdtContent></w:sdt>"

    assert texts(paragraph("Before.") + lines + paragraph("3 Valves")) == ["Before.", "3 Valves"]
    assert texts(block + paragraph("3 Valves")) == ["3 Valves"]


def test_a_field_without_an_end_hides_no_text(texts):
    contents = fld_char("begin") + instruction(" TOC ") + fld_char("separate") + run("Chapter 4")
    body = f"<w:p>{contents}</w:p>" + paragraph("Text.") + f"<w:p>{fld_char('begin')}</w:p>"
    body += table(row("a", "b"), row("1", "2"))

    assert texts(body) == ["Chapter 4", "Text.", "| a | b |\n| --- | --- |\n| 1 | 2 |"]
