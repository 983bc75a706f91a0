"""Sources of claims: the card at a citation, the panel beside the answer, the sheet on a phone."""

import pytest
from playwright.sync_api import Locator, Page, expect
from support.recorded_socket import CITATION, QUOTE, Played, answer

pytestmark = pytest.mark.browser
OTHER = {
    **CITATION,
    "n": 2,
    "document": {"id": None, "name": "fines.docx"},
    "quote": "Twenty cents a day.",
}


@pytest.fixture
def answered(page: Page, played: Played) -> Page:
    """A page with an answer that cites two sources."""
    played.begin()
    played.end("Twelve [1], then twenty cents [2].", citations=[CITATION, OTHER])
    expect(answer(page).locator(".source-row")).to_have_count(2)
    return page


def chip(page: Page, n: int) -> Locator:
    return answer(page).locator(f"[data-text] [data-chip='{n}']")


def panel(page: Page) -> Locator:
    return page.locator("#source-panel")


def test_a_hovered_citation_shows_a_card(answered: Page):
    card = answered.locator("#source-card")

    chip(answered, 1).hover()

    expect(card).to_contain_text("rules.pdf")
    expect(card).to_contain_text(QUOTE)
    answered.mouse.move(5, 5)
    expect(card).to_be_hidden()


def test_sources_are_sorted_by_number(page: Page, played: Played):
    played.begin()
    played.say("answer.delta", text="Twenty cents [2] for twelve [1].")
    played.say("citation", **OTHER)
    played.say("citation", **CITATION)

    expect(answer(page).locator(".source-row [data-number]")).to_have_text(["1", "2"])


def test_the_source_panel_pages_through_sources(answered: Page):
    chip(answered, 1).click()
    expect(panel(answered).get_by_role("button", name="Previous source")).to_be_disabled()

    panel(answered).get_by_role("button", name="Next source").click()

    expect(panel(answered)).to_contain_text("fines.docx")
    expect(panel(answered)).to_contain_text("2 / 2")
    expect(chip(answered, 2)).to_have_attribute("aria-expanded", "true")
    expect(chip(answered, 1)).to_have_attribute("aria-expanded", "false")


def test_the_source_panel_leaves_no_gap_above_a_passage_without_headings(
    page: Page, played: Played
):
    played.begin()
    played.end("Twelve [1].", citations=[{**CITATION, "headings": []}])

    chip(page, 1).click()

    expect(panel(page)).to_contain_text(QUOTE)
    expect(panel(page).locator("[data-headings]")).to_be_hidden()


def test_the_source_panel_is_a_modal_sheet_on_a_phone(
    answered: Page,
):
    answered.set_viewport_size({"width": 390, "height": 844})
    chip(answered, 2).click()
    sheet = answered.get_by_role("dialog", name="fines.docx")
    expect(sheet).to_be_visible()

    for _stop in range(12):
        answered.keyboard.press("Tab")
        assert answered.evaluate("document.activeElement.closest('#source-panel') !== null")
    answered.mouse.click(195, 40)

    expect(panel(answered)).to_be_hidden()
    expect(chip(answered, 2)).to_be_focused()
