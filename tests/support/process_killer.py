"""Killing parts of a server while it works, and looking whether anything was lost."""

import json
import os
import random
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from support.running_server import Server

SLOW_MODEL = str(Path(__file__).parents[1] / "fakes" / "slow_model")
PARTS = ["supervisor", "web", "worker", "parser", "postgres"]
PARSER = "ingestion.parsing.sandbox.worker"
SAVED_EVERY = 1.0  # Seconds of a running answer that a kill may cost,
SLACK = 0.7  # and what it may take, on a busy machine, from saying a word to writing down when it was heard.


@dataclass
class Listener:
    """Asks a question and notes what it hears and when, as a browser would."""

    server: Server
    conversation: str
    token: str
    heard: list[tuple[float, str]] = field(default_factory=list)
    thread: threading.Thread | None = None

    def ask(self) -> None:
        """Ask, and listen in the background until the connection ends."""
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self) -> None:
        headers = {
            "Content-Type": "application/json",
            "Accept": "text/event-stream",
            "Authorization": f"Bearer {self.token}",
        }
        path = f"/api/v1/conversations/{self.conversation}/messages/"
        with (
            suppress(OSError),
            self.server.request(path, b'{"text": "What is new?"}', **headers) as stream,
        ):
            for line in stream:
                if line.startswith(b"data:"):
                    event = json.loads(line[5:])
                    if event.get("type") == "answer.delta":
                        self.heard.append((time.monotonic(), event["text"]))

    def heard_before(self, moment: float) -> str:
        """Return the text that had arrived by then."""
        return "".join(text for when, text in self.heard if when <= moment)


class Ordeal:
    """One server that is loaded, asked and killed, round after round."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.token = server.token()
        self.slug = server.call("/api/v1/workspaces/", {"name": "Ordeal"}, self.token)["slug"]
        server.call(
            f"/api/v1/workspaces/{self.slug}/", {"chat_model": "slow/model"}, self.token, "PATCH"
        )
        self.accepted: dict[str, str] = {}
        self.questions = 0
        self.chance = random.Random(7)

    def round(self, part: str) -> None:
        """Load documents, ask, kill `part` in the middle, start again, and check."""
        self.load()
        path = f"/api/v1/workspaces/{self.slug}/conversations/"
        conversation = self.server.call(path, {}, self.token)["id"]
        listener = Listener(self.server, conversation, self.token)
        listener.ask()
        time.sleep(self.chance.uniform(1.5, 3.0))
        killed = time.monotonic()
        self.kill(part)
        self.recover(part)
        self.check_answer(listener, killed)

    def load(self) -> None:
        """Add documents of several kinds; those that the server has taken must never be lost."""
        numbers = range(len(self.accepted), len(self.accepted) + 4)
        pages = [
            (f"page-{number}.html", f"<h1>Page {number}</h1><p>{'word ' * 300}</p>")
            for number in numbers
        ]
        texts = [(f"text-{number}.txt", f"text {number}\n\n{'word ' * 900}") for number in numbers]
        batch = [(name, content.encode()) for name, content in pages + texts]
        for row in self.server.upload(self.slug, batch, self.token):
            self.accepted[row["id"]] = row["name"]

    def kill(self, part: str) -> None:
        """End a part without warning."""
        if part == "supervisor":
            self.server.supervisor().send_signal(signal.SIGKILL)
        elif part == "parser":
            self.kill_parser()
        else:
            self.server.kill(part)

    def kill_parser(self) -> None:
        """End a parsing child, waiting for one if none works right now."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            for process in self.server.family():
                with suppress(psutil.NoSuchProcess):
                    if PARSER in " ".join(process.cmdline()):
                        os.kill(process.pid, signal.SIGKILL)
                        return
            time.sleep(0.02)
        raise AssertionError("no parsing child was there to be killed")

    def recover(self, part: str) -> None:
        """Start what does not start itself, and wait until all answers."""
        if part == "supervisor":
            assert self.server.process is not None
            self.server.process.wait(10)
            self.server.start()
        self.server.wait_until_ready()

    def check_answer(self, listener: Listener, killed: float) -> None:
        """The question is there; of the answer all but the last second before the kill; and it has ended."""
        path = f"/api/v1/conversations/{listener.conversation}/messages/"
        deadline = time.monotonic() + 60
        while True:
            messages = self.server.call(path, token=self.token)["results"]
            if all(message["status"] != "streaming" for message in messages):
                break
            assert time.monotonic() < deadline, "an answer streams for ever"
            time.sleep(0.5)
        assert [message["role"] for message in messages] == ["user", "assistant"], messages
        question, answer = messages
        assert question["text"] == "What is new?"
        assert answer["status"] in {"done", "interrupted"}, answer
        kept = listener.heard_before(killed - SAVED_EVERY - SLACK)
        assert answer["text"].startswith(kept), (
            f"heard {len(kept)} characters, kept {len(answer['text'])}"
        )

    def check_documents(self) -> Counter[str]:
        """Every document that was ever accepted is ready, once, with its chunks; return how many stand how."""
        self.server.wait_until_indexed(self.slug, self.token)
        rows = self.server.documents(self.slug, self.token)
        assert {row["id"]: row["name"] for row in rows} == self.accepted
        for row in rows:
            if row["status"] == "ready":
                path = f"/api/v1/workspaces/{self.slug}/documents/{row['id']}/chunks/?page_size=500"
                positions = [
                    chunk["position"]
                    for chunk in self.server.call(path, token=self.token)["results"]
                ]
                assert positions == list(range(row["chunks"])), row
        assert all(row["status"] == "ready" or row["error"] for row in rows)
        return Counter(row["status"] for row in rows)
