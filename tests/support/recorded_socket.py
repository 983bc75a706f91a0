"""A conversation whose socket is in our hands, so that what the server says comes exactly when a test wants it."""

import json
from typing import Any

from playwright.sync_api import Locator, Page, WebSocketRoute

QUOTE = "Twelve books may be borrowed at once."
CITATION = {
    "n": 1,
    "document": {"id": None, "name": "rules.pdf"},
    "headings": ["Rules", "Borrowing"],
    "page_from": 2,
    "page_to": 3,
    "quote": QUOTE,
    "text": f"On borrowing. {QUOTE} For four weeks.",
}


class Played:
    """The server's side of the socket, in our hands."""

    def __init__(self, page: Page) -> None:
        self.heard: list[dict[str, Any]] = []
        self.sockets: list[WebSocketRoute] = []
        self.seq = 0
        page.route_web_socket("**/ws/conversations/**", self._open)

    def _open(self, socket: WebSocketRoute) -> None:
        self.sockets.append(socket)
        socket.on_message(lambda text: self.heard.append(json.loads(text)))

    def say(self, kind: str, *, seq: int | None = None, **members: Any) -> None:
        self.seq = seq or self.seq + 1
        self.sockets[-1].send(
            json.dumps({**members, "type": kind, "message": "answer-1", "seq": self.seq})
        )

    def begin(self, question: str = "How many books?") -> None:
        self.say(
            "message.started",
            role="assistant",
            parent="question-1",
            model="builtin/extractive",
            question=question,
        )

    def end(
        self,
        text: str,
        status: str = "done",
        error: dict[str, str] | None = None,
        citations: Any = (),
    ) -> None:
        self.say(
            "message.done",
            text=text,
            reasoning="",
            status=status,
            error=error,
            citations=[*citations],
            role="assistant",
        )


def until(page: Page, holds: Any) -> None:
    """Wait until something that the page does has reached us."""
    for _attempt in range(200):
        if holds():
            return
        page.wait_for_timeout(25)
    raise AssertionError("it never happened")


def box(page: Page) -> Locator:
    return page.get_by_label("Your question")


def answer(page: Page) -> Locator:
    return page.locator("article.answer").last


def ask(page: Page, played: Played, question: str = "How many books?") -> None:
    box(page).fill(question)
    box(page).press("Enter")
    until(page, lambda: {"type": "ask", "text": question} in played.heard)
