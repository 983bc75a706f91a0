"""Presentations: slides as pages, in visual order."""

import pytest
from support.element_kinds import word
from support.office_files import NAMES, pptx, relations, shape

CM = 360_000


@pytest.fixture
def said(read, written):
    """Page, kind and text of each element."""

    def said(*slides: str, **parts: str) -> list[tuple[int | None, str, str]]:
        parsed = read(written("a.pptx", pptx(*slides, **parts)))
        return [(element.page, word(element), element.text) for element in parsed.elements]

    return said


def test_the_title_comes_first_then_from_the_top_and_from_the_left(said):
    slide = (
        shape("Low", top=9 * CM)
        + shape("Right", top=3 * CM, left=9 * CM)
        + shape("Left", top=3 * CM, left=CM)
    )

    found = said(
        slide + shape("The title", placeholder="ctrTitle", top=5 * CM),
        shape("Next", placeholder="title"),
    )

    assert found == [
        (1, "heading", "The title"),
        (1, "paragraph", "Left"),
        (1, "paragraph", "Right"),
        (1, "paragraph", "Low"),
        (2, "heading", "Next"),
    ]


def test_groups_are_read_and_text_on_every_slide_is_left_out(said):
    slide = f"<p:grpSp>{shape('Inside')}<p:grpSp>{shape('Deeper')}</p:grpSp></p:grpSp>"

    found = said(slide + shape("7", placeholder="sldNum") + shape("Ltd.", placeholder="ftr"))

    assert [text for _page, _kind, text in found] == ["Inside", "Deeper"]


def test_the_body_is_a_list(said):
    found = said(shape("One", "Two", placeholder="body"))

    assert found == [(1, "list_item", "One"), (1, "list_item", "Two")]


def test_the_numbers_of_steps_are_written_out(said):
    def step(text: str, numbered: str = "arabicPeriod", depth: int = 0, start: str = "") -> str:
        mark = f'<a:buAutoNum type="{numbered}" {start}/>' if numbered else '<a:buChar char="-"/>'
        return f'<a:p><a:pPr lvl="{depth}">{mark}</a:pPr><a:r><a:t>{text}</a:t></a:r></a:p>'

    steps = (
        step("Open")
        + step("left", "alphaLcParenR", 1)
        + step("right", "alphaLcParenR", 1)
        + step("")
        + step("Shut")
    )
    steps += step("A remark", "") + step("Again") + step("丙", "ea1ChsPeriod", start='startAt="3"')

    found = said(f"<p:sp><p:nvSpPr/><p:txBody>{steps}</p:txBody></p:sp>")

    assert [text for _page, kind, text in found if kind == "list_item"] == [
        "1. Open",
        "a) left",
        "b) right",
        "2. Shut",
        "A remark",
        "1. Again",
        "三. 丙",
    ]


def test_merged_cells_of_a_table_are_filled(said):
    def cell(text: str, merged: str = "") -> str:
        return f"<a:tc {merged}><a:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></a:txBody></a:tc>"

    rows = [cell("Year") + cell("Sold", 'gridSpan="2"') + cell("", 'hMerge="1"')]
    rows += [
        cell("2024", 'rowSpan="2"') + cell("3") + cell("4"),
        cell("", 'vMerge="1"') + cell("5") + cell("6"),
    ]
    table = "<a:tbl>" + "".join(f"<a:tr>{row}</a:tr>" for row in rows) + "</a:tbl>"

    found = said(
        f"<p:graphicFrame><a:graphic><a:graphicData>{table}</a:graphicData></a:graphic></p:graphicFrame>"
    )

    wanted = "| Year | Sold | Sold |\n| --- | --- | --- |\n| 2024 | 3 | 4 |\n| 2024 | 5 | 6 |"
    assert found == [(1, "table", wanted)]


def test_notes_follow_their_slide(said):
    notes = f"<p:notes {NAMES}><p:cSld><p:spTree>{shape('Say this.', placeholder='body')}</p:spTree></p:cSld></p:notes>"
    parts = {
        "ppt/slides/_rels/slide1.xml.rels": relations(
            ("rId1", "notesSlide", "../notesSlides/notesSlide1.xml")
        ),
        "ppt/notesSlides/notesSlide1.xml": notes,
    }

    found = said(shape("Shown"), shape("Second"), **parts)

    assert found == [
        (1, "paragraph", "Shown"),
        (1, "paragraph", "Say this."),
        (2, "paragraph", "Second"),
    ]


def run(text: str, properties: str = "", attributes: str = "") -> str:
    return f"<a:r><a:rPr {attributes}>{properties}</a:rPr><a:t>{text}</a:t></a:r>"


def boxed(*runs: str, placeholder: str = "", own: str = "") -> str:
    filled = f'<p:ph type="{placeholder}"/>' if placeholder else ""
    frame = f"<p:nvSpPr><p:cNvPr>{own}</p:cNvPr><p:nvPr>{filled}</p:nvPr></p:nvSpPr>"
    return f"<p:sp>{frame}<p:txBody><a:p>{''.join(runs)}</a:p></p:txBody></p:sp>"


def test_signs_and_raised_figures_of_slides_are_kept(said):
    symbol, wingdings = '<a:latin typeface="Symbol"/>', '<a:sym typeface="Wingdings"/>'
    line = boxed(
        run("20 "),
        run("m", symbol),
        run("m, 10"),
        run("-6", attributes='baseline="30000"'),
        run(" &#xF0FE;", wingdings),
    )

    assert said(line) == [(1, "paragraph", "20 µm, 10^-6 ☑")]


def test_links_of_slides_keep_their_addresses(said):
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
    rels = relations().replace(
        "</Rel",
        f'<Relationship Id="rL" Type="{kind}" Target="https://x.org/7" TargetMode="External"/></Rel',
    )
    link = '<a:hlinkClick r:id="rL"/>'
    slide = boxed(run("Title", link), placeholder="title") + boxed(
        run("See "), run("the ", link), run("form", link), run(".")
    )
    slide += boxed(run("Button"), own=link)

    found = said(slide, **{"ppt/slides/_rels/slide1.xml.rels": rels})

    assert [text for _page, _kind, text in found] == [
        "Title", "https://x.org/7", "See the form (https://x.org/7).", "Button", "https://x.org/7",
    ]  # fmt: skip
