"""A whole server and a real browser. These tests see only what people see."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request, expect, sync_playwright
from running import Server, running

expect.set_options(timeout=15_000)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """`manage.py up` with an empty DATA_DIR and nobody in it."""
    with running(with_admin=False) as server:
        yield server


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Playwright, for one file of tests: while it runs its thread has an event loop, which Django would complain of."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def browser(playwright: Playwright, chromium: str | None) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
    yield browser
    browser.close()


@dataclass
class Watched:
    """A page together with what went wrong on it."""

    page: Page
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)


def watch(page: Page, url: str) -> Watched:
    """Note every error on the console and every request that leaves for another server."""
    watched = Watched(page)

    def on_console(message: ConsoleMessage) -> None:
        # A status of 400 is an answer to a form, not a fault.
        if message.type == "error" and "status of 4" not in message.text:
            watched.errors.append(message.text)

    def on_request(request: Request) -> None:
        if not request.url.startswith((url, url.replace("http", "ws", 1), "data:", "blob:", "about:")):
            watched.foreign.append(request.url)

    page.on("console", on_console)
    page.on("pageerror", lambda error: watched.errors.append(str(error)))
    page.on("request", on_request)
    return watched


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """A fresh browser window that fails the test if a page complains or reaches outside."""
    context = browser.new_context(viewport={"width": 1280, "height": 860}, base_url=server.url, locale="en-GB")
    watched = watch(context.new_page(), server.url)
    yield watched.page
    context.close()
    assert watched.errors == []
    assert watched.foreign == []
