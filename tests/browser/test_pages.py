"""Every page in all sizes and themes: no overflow, no duplicate id, no console error."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from support.page_addresses import PAGES, SIZES, THEMES
from support.running_server import Server
from support.sign_in_form import sign_in

pytestmark = pytest.mark.browser
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
TWICE = """() => {
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    return ids.filter((id, index) => ids.indexOf(id) !== index);
}"""
UNNAMED = """() => [...document.querySelectorAll("button, a[href], input:not([type=hidden]), select, textarea")]
    .filter((element) => element.checkVisibility() && !element.labels?.length)
    .filter((element) => !(element.ariaLabel || element.textContent.trim() || element.title))
    .map((element) => element.outerHTML.slice(0, 120))"""


@pytest.fixture
def window(page: Page, cookies: Any) -> Page:
    """The administrator's window."""
    page.context.add_cookies(cookies)
    return page


@pytest.mark.parametrize("size", SIZES)
def test_every_page_fits_and_logs_no_errors(
    browser: Browser, server: Server, names: dict[str, str], cookies: Any, size: str
):
    width, height = SIZES[size]
    viewport = {"width": width, "height": height}
    with browser.new_context(base_url=server.url, viewport=viewport) as context:
        context.add_cookies(cookies)
        page = context.new_page()
        faults = complaints_of(page)
        for address in PAGES:
            page.goto(address.format(**names))
            for theme in THEMES:
                page.emulate_media(color_scheme=theme)
                faults += faults_of(page)

    assert faults == []


def complaints_of(page: Page) -> list[str]:
    """Collect console messages, except the status of a missing page."""
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda line: (
            said.append(f"{page.url}: {line.text}")
            if line.type == "error" and "/nowhere/" not in page.url
            else None
        ),
    )
    return said


def faults_of(page: Page) -> list[str]:
    found = []
    if (wide := page.evaluate(TOO_WIDE)) > 0:
        found.append(f"{page.url} is {wide} px too wide")
    found += [f"{page.url}: the id {name} stands twice" for name in page.evaluate(TWICE)]
    found += [
        f"{page.url}: nothing says what this is: {element}" for element in page.evaluate(UNNAMED)
    ]
    return found


def test_the_menu_of_a_phone_opens_by_keyboard_and_closes_on_escape(
    window: Page, names: dict[str, str]
):
    window.set_viewport_size({"width": 390, "height": 844})
    window.goto(f"/w/{names['slug']}/documents/")
    menu = window.get_by_role("button", name="Open the menu")

    menu.press("Enter")
    seen = window.get_by_role("link", name="Members").is_visible()
    window.keyboard.press("Escape")

    assert seen
    assert not window.get_by_role("link", name="Members").is_visible()


@pytest.mark.parametrize("path", ["documents/{document}/", "c/{conversation}/"])
def test_the_rename_form_fits_on_a_phone(window: Page, names: dict[str, str], path: str):
    window.set_viewport_size({"width": 390, "height": 844})
    window.goto(f"/w/{names['slug']}/{path.format(**names)}")

    window.locator("details.rename > summary").click()

    form = window.locator("details.rename > form").bounding_box()
    assert form
    assert 0 <= form["x"] <= 390 - form["width"]


def test_the_first_tab_stop_skips_to_the_content(window: Page, names: dict[str, str]):
    window.goto(f"/w/{names['slug']}/members/")

    window.keyboard.press("Tab")
    window.keyboard.press("Enter")

    assert window.evaluate("document.activeElement.id") == "main"


def test_a_chosen_theme_is_kept(browser: Browser, server: Server):
    theo = {"email": "theo@example.org", "password": "another quiet phrase"}
    server.call("/api/v1/users/", {"name": "Theo", **theo}, server.token())
    with browser.new_context(base_url=server.url, color_scheme="light") as context:
        page = context.new_page()
        sign_in(page, **theo)
        page.goto("/account/")

        page.get_by_label("Theme").select_option("dark")
        before_saving = page.evaluate("document.documentElement.dataset.theme")
        page.get_by_role("button", name="Save").click()
        page.goto("/")

        assert before_saving == "dark"
        assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"


def test_keyboard_shortcuts_focus_the_box_and_list_themselves(window: Page, names: dict[str, str]):
    window.goto(f"/w/{names['slug']}/c/{names['conversation']}/")

    window.keyboard.press("?")
    listed = window.get_by_role("dialog", name="Keyboard shortcuts").is_visible()
    window.keyboard.press("Escape")
    window.keyboard.press("/")
    window.keyboard.type("n?/")

    assert listed
    assert window.get_by_label("Your question").input_value() == "n?/"
