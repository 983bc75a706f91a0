"""axe finds no violations on pages, in panels, menus and dialogs, light and dark."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from support.page_addresses import PAGES, SIZES, THEMES
from support.running_server import Server

pytestmark = pytest.mark.browser
AXE = Axe()
# A change of one colour may start the transition of another, so the script waits until no colour
# has changed for a moment.
COLOURS_SETTLED = """async () => {
    const moment = () => new Promise((over) => setTimeout(over, 20));
    for (let round = 0, still = 0; round < 20 && still < 2; round += 1) {
        const changing = document.getAnimations().filter((one) => one instanceof CSSTransition);
        still = changing.length ? 0 : still + 1;
        await Promise.race([Promise.allSettled(changing.map((one) => one.finished)), moment()]);
        await moment();
    }
}"""


@pytest.fixture
def opened(browser: Browser, server: Server, cookies: Any) -> Any:
    """Return a function that opens a signed-in window of a given size, without motion."""

    @contextmanager
    def opened(size: str) -> Iterator[Page]:
        width, height = SIZES[size]
        # The content security policy of the page forbids the injected script of axe.
        with browser.new_context(
            base_url=server.url,
            viewport={"width": width, "height": height},
            reduced_motion="reduce",
            bypass_csp=True,
        ) as context:
            context.add_cookies(cookies)
            yield context.new_page()

    return opened


def complaints(page: Page) -> list[str]:
    """Return the violations on the open page, in light and dark."""
    found = []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.evaluate(COLOURS_SETTLED)
        for rule in AXE.run(page).response["violations"]:
            where = f"{page.url}, {theme}: {rule['id']}, {rule['help']}"
            found += [f"{where}: {node['html'][:200]}" for node in rule["nodes"]]
    return found


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_pages_have_no_accessibility_violations(opened: Any, names: dict[str, str], size: str):
    found = []
    with opened(size) as page:
        for address in PAGES:
            page.goto(address.format(**names))
            found += complaints(page)

    assert found == []


def test_panels_menus_and_dialogs_have_no_accessibility_violations(
    opened: Any, names: dict[str, str]
):
    found = []
    with opened("phone") as page:
        page.goto(f"/w/{names['slug']}/c/{names['conversation']}/")
        page.locator("article.answer [data-text] .cite").first.click()
        found += complaints(page)
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Open the menu").click()
        page.locator(".user-menu summary").click()
        found += complaints(page)
    with opened("desk") as page:
        page.goto(f"/w/{names['slug']}/c/{names['conversation']}/")
        page.locator("article.answer [data-text] .cite").first.click()
        page.get_by_label("Rename conversation").click()
        found += complaints(page)
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        found += complaints(page)

    assert found == []


def test_the_login_page_has_no_accessibility_violations(browser: Browser, server: Server):
    with browser.new_context(base_url=server.url, bypass_csp=True) as context:
        page = context.new_page()
        page.goto("/login/")
        page.get_by_label("E-mail address").fill("nobody@example.org")
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Sign in").click()

        assert complaints(page) == []
