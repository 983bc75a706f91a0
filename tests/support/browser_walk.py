"""A walk of several people through a real server, in one look: a language, a theme, a size of window.

Each page is checked by axe and measured on the way, and can be visited again in other looks.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect
from support.page_addresses import SIZES
from support.running_server import ADMIN, Server

AXE = Axe()
ONLY_VIOLATIONS = {"resultTypes": ["violations"]}
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PASSWORD = "another quiet phrase"
PEOPLE = {"edith": "Edith Editor", "rui": "王睿"}


@dataclass(frozen=True)
class Look:
    """How a person sees the pages."""

    locale: str
    theme: Literal["light", "dark"]
    size: str

    @property
    def language(self) -> str:
        """The language of the interface that goes with the locale."""
        return "zh-hans" if self.locale.startswith("zh") else "en"


LOOKS = {
    "english": Look("en-GB", "light", "desk"),
    "chinese": Look("zh-CN", "dark", "phone"),
    "english on a phone": Look("en-GB", "dark", "phone"),
    "chinese on a desk": Look("zh-CN", "light", "desk"),
}


@dataclass
class Walk:
    """The windows of those who walk, what they have visited, and what there is to complain of."""

    server: Server
    browser: Browser
    look: Look
    complaints: list[str] = field(default_factory=list)
    visited: dict[str, list[str]] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    """Names, slugs and addresses that the walk has met."""

    def __post_init__(self) -> None:
        self.windows: dict[str, Page] = {}

    def window(self, person: str) -> Page:
        """Return the window of a person who has signed in."""
        if person not in self.windows:
            self.windows[person] = self._signed_in(person, self.look)
        return self.windows[person]

    def seen(self, person: str) -> None:
        """Fail for faults of the open page, and note that it was visited."""
        page = self.windows[person]
        self._read(page)
        addresses = self.visited.setdefault(person, [])
        if (address := page.url.removeprefix(self.server.url)) not in addresses:
            addresses.append(address)

    def see_again(self, look: Look) -> None:
        """Visit the same pages in another look."""
        for person, addresses in self.visited.items():
            page = self._signed_in(person, look)
            for address in addresses:
                page.goto(address)
                self._read(page)
            page.context.close()

    def close(self) -> None:
        """Close all windows."""
        for page in self.windows.values():
            page.context.close()
        self.windows.clear()

    def token(self, person: str) -> str:
        """Return a token of a person."""
        body = {"email": email_of(person), "password": password_of(person)}
        return str(self.server.call("/api/v1/tokens/", body)["token"])

    def _signed_in(self, person: str, look: Look) -> Page:
        width, height = SIZES[look.size]
        context = self.browser.new_context(
            base_url=self.server.url,
            locale=look.locale,
            color_scheme=look.theme,
            viewport={"width": width, "height": height},
            reduced_motion="reduce",
            bypass_csp=True,  # Axe is put into the page as a script, which its policy would forbid.
        )
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", self._hear)
        page.goto("/login/")
        page.locator("#id_email").fill(email_of(person))
        page.locator("#id_password").fill(password_of(person))
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url(self.server.url + "/")
        assert page.locator("html").get_attribute("lang") == look.language
        return page

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self.complaints.append(f"{said.location.get('url')}: {said.text}")

    def _read(self, page: Page) -> None:
        width = page.evaluate(TOO_WIDE)
        if width > 0:
            self.complaints.append(f"{page.url} is {width} px too wide")
        for rule in AXE.run(page, options=ONLY_VIOLATIONS).response["violations"]:
            self.complaints += [
                f"{page.url}: {rule['id']}: {node['html'][:200]}" for node in rule["nodes"]
            ]


def email_of(person: str) -> str:
    """Return the address of a person."""
    return ADMIN["email"] if person == "ada" else f"{person}@example.org"


def password_of(person: str) -> str:
    """Return the password of a person."""
    return ADMIN["password"] if person == "ada" else PASSWORD


def make_people(server: Server) -> None:
    """Make the accounts of those who are not there yet."""
    token = server.token()
    for person, name in PEOPLE.items():
        body = {"email": email_of(person), "name": name, "password": PASSWORD}
        server.call("/api/v1/users/", body, token)


def make_room(server: Server, name: str) -> str:
    """Make a workspace with an editor and a viewer; return its slug."""
    token = server.token()
    slug = str(server.call("/api/v1/workspaces/", {"name": name}, token)["slug"])
    for person, role in (("edith", "editor"), ("rui", "viewer")):
        body = {"email": email_of(person), "role": role}
        server.call(f"/api/v1/workspaces/{slug}/members/", body, token)
    return slug


@contextmanager
def walking(server: Server, browser: Browser, look: Look) -> Iterator[Walk]:
    """A walk that has not begun."""
    walk = Walk(server, browser, look)
    try:
        yield walk
    finally:
        walk.close()


def ask(page: Page, question: str) -> None:
    """Ask, and wait until the answer begins."""
    before = page.locator("article.answer").count()
    expect(page.locator("form[data-prepared]")).to_be_attached()
    page.locator("#question").fill(question)
    page.locator("#question").press("Enter")
    expect(page.locator("article.question").last).to_contain_text(question)
    expect(page.locator("article.answer")).to_have_count(before + 1)


def last_answer(page: Page) -> Locator:
    """Return the newest answer of a conversation."""
    return page.locator("article.answer").last


def has_said(answer: Locator, letters: int) -> None:
    """Wait until so much has been said."""
    expect(answer.locator("[data-text]")).to_have_text(
        re.compile(rf"^\s*[\s\S]{{{letters},}}"), timeout=30_000
    )


def answered(page: Page, status: str = "done") -> Locator:
    """Wait until the last answer is final and return it."""
    answer = last_answer(page)
    expect(answer).to_have_attribute("data-status", status, timeout=30_000)
    return answer
