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
# The list of Playwright's own, which ours replaces; and the two pages behind the address bar, for
# which every window would take more processor time than for most of our pages.
WITHOUT = (
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
    f"--disable-features={WITHOUT}",
]


@pytest.fixture(scope="session")
def kept_running() -> Iterator[Server]:
    """`manage.py up` with an administrator, for all files of tests that do not mind what others have added to it."""
    with running() as server:
        yield server


@pytest.fixture(scope="module")
def server(kept_running: Server) -> Server:
    """The server of a file of tests; one that begins without users, or changes settings of the server, has its own."""
    return kept_running


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


@pytest.fixture(scope="session")
def names(kept_running: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A workspace with documents, one of them, a conversation with an answer, and an empty workspace."""
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
    """Cookies of the administrator's."""
    with browser.new_context(base_url=server.url) as context:
        page = context.new_page()
        sign_in(page)
        return context.cookies()


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
    """A fresh browser window that fails the test if a page complains or reaches outside."""
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
    """The path of an empty conversation of the administrator's."""
    token = server.token()
    slug = server.call("/api/v1/workspaces/", {"name": "Library rules"}, token)["slug"]
    conversation = server.call(
        f"/api/v1/workspaces/{slug}/conversations/", {"title": "Rules"}, token
    )
    return f"/w/{slug}/c/{conversation['id']}/"


@pytest.fixture
def played(page: Page, place: str, cookies: Any) -> Played:
    """The conversation's page, its socket open."""
    page.context.add_cookies(cookies)
    played = Played(page)
    page.goto(place)
    page.wait_for_function("() => document.getElementById('connection').hidden")
    until(page, lambda: bool(played.sockets))
    return played
