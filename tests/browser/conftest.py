"""A whole server and a real browser. These tests see only what people see: nothing of ours is imported here."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
ADMIN = {"email": "ada@example.org", "name": "Ada Reading", "password": "a quiet reading room"}

expect.set_options(timeout=15_000)


@dataclass
class Server:
    """A server started for one file of tests."""

    url: str
    data_dir: Path
    process: subprocess.Popen[bytes]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended by itself"
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"not ready within {START_SECONDS} s")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`manage.py up` with an empty DATA_DIR."""
    folder = tmp_path_factory.mktemp("server")
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(parent.stat().st_mode | 0o011)  # As root the database belongs to another user, who must get in.
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}},
        "PORT": str(port),
        "DATA_DIR": str(folder / "var"),
    }
    process = subprocess.Popen([sys.executable, "manage.py", "up"], cwd=ROOT, env=environment)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_ready(url, process)
        yield Server(url, folder / "var", process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Playwright, for one file of tests: while it runs its thread has an event loop, which Django would complain of."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def browser(playwright: Playwright, chromium: str | None) -> Iterator[Browser]:
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
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


@pytest.fixture
def fixture_files() -> Path:
    return ROOT / "tests" / "fixtures"
