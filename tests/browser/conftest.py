"""A whole server and a real browser; tests see only the pages."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    expect,
    sync_playwright,
)
from support.library_documents import write_all
from support.recorded_socket import Played, until
from support.running_server import Server, running
from support.sign_in_form import sign_in

expect.set_options(timeout=15_000)
# Features to disable: Playwright's list, which this option replaces, and the two pages behind the
# address bar, which would take more processor time than most pages of the tests.
DISABLED_FEATURES = (
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,"
    "LensOverlay,MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,"
    "OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch,"
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup"
)
ARGUMENTS = [
    *(
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
    ),
    f"--disable-features={DISABLED_FEATURES}",
]


@pytest.fixture(scope="session")
def kept_running() -> Iterator[Server]:
    """`manage.py up` with an administrator, shared by test files that tolerate each other's data."""
    with running() as server:
        yield server


@pytest.fixture(scope="module")
def server(kept_running: Server) -> Server:
    """The server of a test file; files that need an empty or reconfigured server override it."""
    return kept_running


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Playwright for one test file; longer, its event loop would make Django refuse queries."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def browser(playwright: Playwright, chromium: str | None) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def names(kept_running: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Names for addresses: a workspace, a document, an answered conversation, an empty workspace."""
    server = kept_running
    token = server.token()
    slug = server.call("/api/v1/workspaces/", {"name": "Library rules 图书馆"}, token)["slug"]
    files = [
        (path.name, path.read_bytes()) for path in write_all(tmp_path_factory.mktemp("documents"))
    ]
    added = server.upload(slug, files, token)
    server.wait_until_indexed(slug, token)
    conversation = server.call(f"/api/v1/workspaces/{slug}/conversations/", {}, token)["id"]
    server.call(
        f"/api/v1/conversations/{conversation}/messages/",
        {"text": "How many books at once?"},
        token,
    )
    empty = server.call("/api/v1/workspaces/", {"name": "Nothing yet"}, token)["slug"]
    return {"slug": slug, "empty": empty, "document": added[0]["id"], "conversation": conversation}


@pytest.fixture(scope="module")
def cookies(browser: Browser, server: Server) -> Any:
    """Session cookies of the administrator."""
    with browser.new_context(base_url=server.url) as context:
        page = context.new_page()
        sign_in(page)
        return context.cookies()


@dataclass
class Watched:
    """A page and the errors that were recorded on it."""

    page: Page
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)


def watch(page: Page, url: str) -> Watched:
    """Record console errors and requests to other servers."""
    watched = Watched(page)

    def on_console(message: ConsoleMessage) -> None:
        # Status 400 is the response to an invalid form, not an error of the page.
        if message.type == "error" and "status of 4" not in message.text:
            watched.errors.append(message.text)

    def on_request(request: Request) -> None:
        if not request.url.startswith(
            (url, url.replace("http", "ws", 1), "data:", "blob:", "about:")
        ):
            watched.foreign.append(request.url)

    page.on("console", on_console)
    page.on("pageerror", lambda error: watched.errors.append(str(error)))
    page.on("request", on_request)
    return watched


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """A new browser window that fails the test after a console error or an external request."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 860}, base_url=server.url, locale="en-GB"
    )
    watched = watch(context.new_page(), server.url)
    yield watched.page
    context.close()
    assert watched.errors == []
    assert watched.foreign == []


@pytest.fixture(scope="module")
def place(server: Server) -> str:
    """The path of an empty conversation of the administrator."""
    token = server.token()
    slug = server.call("/api/v1/workspaces/", {"name": "Library rules"}, token)["slug"]
    conversation = server.call(
        f"/api/v1/workspaces/{slug}/conversations/", {"title": "Rules"}, token
    )
    return f"/w/{slug}/c/{conversation['id']}/"


@pytest.fixture
def played(page: Page, place: str, cookies: Any) -> Played:
    """The page of a conversation with an open socket."""
    page.context.add_cookies(cookies)
    played = Played(page)
    page.goto(place)
    page.wait_for_function("() => document.getElementById('connection').hidden")
    until(page, lambda: bool(played.sockets))
    return played
