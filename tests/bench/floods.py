"""Floods of one viewer and a hostile model server, and how long a neighbour waits for an answer meanwhile."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from bench.neighbours import flood
from bench.streams import fake, workspace
from fakes.servers import FakeDeepSeek
from fakes.sockets import Answer
from support.running_server import ADMIN, Server, running

TEXT = "Lift grows with the square of the speed, and the wing stalls at an angle of attack of 16 degrees. "
LONG = (TEXT * 210)[:20_000]
ANSWERS, CONVERSATIONS = 300, 15
HOSTILE_ANSWERS, LETTERS = 20, 60_000


def main() -> None:
    """Flood with long searches, embeddings and slow answers."""
    with fake("ollama", 20) as url, running() as server:
        admin = server.token()
        slug = workspace(server, admin, "steady", "ollama", url)
        server.upload(slug, [(f"{number}.md", (TEXT * 20).encode()) for number in range(50)], admin)
        server.wait_until_indexed(slug, admin)
        viewer = member(server, slug, "viewer", admin)
        neighbour = member(server, slug, "neighbour", admin)
        search = partial(find, server, slug, neighbour, "lift", [])
        question = partial(ask, server, quick(server, neighbour), neighbour)
        long = [partial(find, server, slug, viewer, LONG, [])] * 25
        refused = [partial(find, server, slug, viewer, LONG, [LONG] * 10)] * 25
        flood("25 searches with 10 earlier questions of 20,000 letters", refused, search)
        flood("25 searches of 20,000 letters", long, search)
        flood("12 embeddings of 1.9 million letters", [partial(embed, server, viewer)] * 12, search)
        begun = [conversation(server, slug, viewer) for _number in range(CONVERSATIONS)]
        answers = [
            partial(ask, server, begun[number % CONVERSATIONS], viewer) for number in range(ANSWERS)
        ]
        for name, request in (("search", search), ("question", question)):
            flood(
                f"{ANSWERS} slow answers in {CONVERSATIONS} conversations, a {name}",
                answers,
                request,
            )
        with HostileServer() as hostile:
            slug = workspace(server, admin, "hostile", "deepseek", f"{hostile.url}/v1")
            asked = partial(ask, server, conversation(server, slug, admin), admin)
            errors = f"{HOSTILE_ANSWERS} questions to a server that refuses with {LETTERS:,} letters, /healthz"
            flood(errors, [asked] * HOSTILE_ANSWERS, partial(server.call, "/healthz"))


class HostileServer(FakeDeepSeek):
    """A model server whose refusals are as long as one can be, of letters that end no word."""

    def _of_model(self, call: str, body: Mapping[str, Any]) -> Answer:
        return self._said(400, "a" * LETTERS, "a" * LETTERS)


def member(server: Server, slug: str, name: str, admin: str) -> str:
    """Add a person who may read the workspace; return a token."""
    who = {"email": f"{name}@example.org", "name": name, "password": ADMIN["password"]}
    server.call("/api/v1/users/", who, admin)
    server.call(
        f"/api/v1/workspaces/{slug}/members/", {"email": who["email"], "role": "viewer"}, admin
    )
    return str(
        server.call("/api/v1/tokens/", {"email": who["email"], "password": who["password"]})[
            "token"
        ]
    )


def quick(server: Server, token: str) -> str:
    """Return a conversation of the person in a workspace of their own, answered by the built-in model."""
    slug = server.call("/api/v1/workspaces/", {"name": "Quick"}, token)["slug"]
    server.upload(slug, [("lift.md", TEXT.encode())], token)
    server.wait_until_indexed(slug, token)
    return conversation(server, slug, token)


def conversation(server: Server, slug: str, token: str) -> str:
    """Begin a conversation."""
    return str(server.call(f"/api/v1/workspaces/{slug}/conversations/", {}, token)["id"])


def find(server: Server, slug: str, token: str, query: str, earlier: list[str]) -> None:
    """Search."""
    server.call(f"/api/v1/workspaces/{slug}/search/", {"query": query, "earlier": earlier}, token)


def embed(server: Server, token: str) -> None:
    """Embed as much as one call takes."""
    server.call("/v1/embeddings", {"model": "builtin/static", "input": [LONG] * 95}, token)


def ask(server: Server, conversation: str, token: str) -> None:
    """Ask and wait for the answer."""
    server.call(
        f"/api/v1/conversations/{conversation}/messages/", {"text": "How does lift grow?"}, token
    )
