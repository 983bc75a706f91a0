"""Every fault of a model server, from the network to the reader.

Received text is kept, one sentence in the language of the reader names the fault, the next question
is answered, and no task hangs.
"""

import asyncio
import gc
import json
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import httpx2 as httpx
import psutil
import pytest
from fakes.servers import fake_deepseek, fake_ollama
from fakes.sockets import FakeServer
from support.factories import make_conversation, make_workspace
from support.model_server import make_connection, make_model
from websockets.sync.client import connect

from accounts.services import create_token
from chat.models import Conversation
from providers.http import pools
from providers.protocols import FoundModel

KEY = "sk-the-right-one"
ASKED = "How does lift grow with the speed?"
FAULTS = {
    "down": "provider_unreachable",
    "slow": "provider_slow",
    "401": "provider_key_refused",
    "402": "provider_no_balance",
    "404": "provider_model_missing",
    "429": "provider_busy",
    "500": "provider_failing",
    "cut": "provider_cut_off",
    "garbage": "provider_not_understood",
    "silence": "provider_silent",
}
BREAKS_IN_THE_MIDDLE = {"cut", "silence"}
KINDS = ["ollama", "deepseek"]
MODELS = {
    "ollama": FoundModel("qwen2.5:7b", "chat", context_tokens=32768),
    "deepseek": FoundModel("deepseek-v4-flash", "chat", context_tokens=65536),
}
ENGLISH, CHINESE = "en-GB,en;q=0.9", "zh-CN,zh;q=0.9,en;q=0.8"
# English words that a Chinese sentence may contain: names, and words of the model server.
QUOTED = re.compile(r"“[^”]*”|\bAPI\b|\d+ s\b")


@dataclass
class Asking:
    """A conversation with the models of both fake servers, over HTTP."""

    address: str
    conversation: Conversation
    token: str
    servers: dict[str, FakeServer]
    client: httpx.Client

    @property
    def path(self) -> str:
        return f"{self.address}/api/v1/conversations/{self.conversation.pk}/messages/"

    def ask(self, kind: str, language: str = ENGLISH, text: str = ASKED) -> dict[str, Any]:
        """Return a model's answer; fails after a timeout."""
        body = {"text": text, "model": f"{kind}/{MODELS[kind].name}"}
        answer = self.client.post(self.path, json=body, headers=self._headers(language))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def messages(self) -> list[dict[str, Any]]:
        rows = self.client.get(self.path, headers=self._headers(ENGLISH)).json()["results"]
        return sorted(rows, key=lambda row: str(row["id"]))

    def _headers(self, language: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Accept-Language": language}


@pytest.fixture
def servers() -> Iterator[dict[str, FakeServer]]:
    with ExitStack() as stack:
        yield {
            "ollama": stack.enter_context(fake_ollama()),
            "deepseek": stack.enter_context(fake_deepseek(key=KEY)),
        }
        pools.close()


@pytest.fixture
def asking(live, library, owner, servers, settings) -> Iterator[Asking]:
    (
        settings.MODEL_CONNECT_SECONDS,
        settings.MODEL_FIRST_TOKEN_SECONDS,
        settings.MODEL_SILENCE_SECONDS,
    ) = 1, 0.6, 0.4
    for kind, wire in (("ollama", "ollama"), ("deepseek", "openai")):
        key = KEY if kind == "deepseek" else ""
        make_model(
            make_connection(kind, kind=wire, base_url=servers[kind].url, key=key), MODELS[kind]
        )
    token = create_token(user=owner)[1]
    with httpx.Client(timeout=10) as client:
        yield Asking(live, make_conversation(library, owner), token, servers, client)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_server_fault_fails_the_answer_and_the_next_answer_succeeds(
    asking: Asking, kind: str, fault: str
):
    asking.servers[kind].fault = fault
    english, chinese = asking.ask(kind, ENGLISH), asking.ask(kind, CHINESE)
    asking.servers[kind].fault = ""
    again = asking.ask(kind)

    assert {english["status"], chinese["status"]} == {"failed"}
    assert {english["error"]["code"], chinese["error"]["code"]} == {FAULTS[fault]}
    assert bool(english["text"] + english["reasoning"]) is (fault in BREAKS_IN_THE_MIDDLE)
    said, in_chinese = english["error"]["message"], chinese["error"]["message"]
    assert re.search(r"^[A-Z].*[.]$", said)
    assert "127.0.0.1" not in said + in_chinese, "readers need no address of the server"
    assert re.search(r"[一-鿿].*。$", in_chinese), f"not in Chinese: {said}"
    assert not re.search(r"[A-Za-z]{3,}", QUOTED.sub("", in_chinese)), in_chinese
    assert KEY not in said + in_chinese
    assert again["status"] == "done"
    assert "[1]" in again["text"]
    assert [citation["document"]["name"] for citation in again["citations"]][:1] == ["Wings.pdf"]
    kept = asking.messages()
    assert [row["text"] for row in kept if row["role"] == "user"] == [ASKED] * 3
    assert [row for row in kept if row["role"] == "assistant"] == [english, chinese, again]


@pytest.mark.parametrize("fault", ["slow", "500", "silence"])
def test_a_follow_up_is_searched_although_the_rewrite_fails(asking: Asking, fault: str):
    asking.ask("ollama")
    asking.servers["ollama"].fault = fault

    answer = asking.ask("ollama", text="And with weight?")

    assert (answer["status"], answer["error"]["code"]) == ("failed", FAULTS[fault])
    assert answer["trace"]["standalone"]["how"] == "rule"
    assert ASKED in answer["trace"]["standalone"]["text"]


def test_a_page_shows_the_fault_in_the_language_of_its_reader(asking: Asking, owner, browse):
    owner.language = "zh-hans"
    owner.save()
    client = browse(owner)
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    asking.servers["deepseek"].fault = "402"
    address = asking.address.replace("http", "ws", 1)

    with connect(
        f"{address}/ws/conversations/{asking.conversation.pk}/",
        additional_headers={"Cookie": cookies, "Accept-Language": ENGLISH},
        origin=asking.address,
    ) as socket:
        socket.send(
            json.dumps({"type": "ask", "text": ASKED, "model": "deepseek/deepseek-v4-flash"})
        )
        event: dict[str, Any] = {"type": ""}
        while event["type"] != "message.done":
            event = json.loads(socket.recv(timeout=10))

    assert event["status"] == "failed"
    assert re.fullmatch(r"[^a-zA-Z]*余额[^a-zA-Z]*。", event["error"]["message"])


# Threads of pools with a fixed size, which start on demand.
POOLS = ("asking", "database", "search", "asyncio", "ThreadPoolExecutor")


def left(loop: asyncio.AbstractEventLoop) -> tuple[int, list[str], int]:
    """Return the number of tasks, the names of threads, and the number of open sockets."""
    gc.collect()
    threads = sorted(
        thread.name for thread in threading.enumerate() if not thread.name.startswith(POOLS)
    )
    return len(asyncio.all_tasks(loop)), threads, len(psutil.Process().net_connections())


def settled(
    loop: asyncio.AbstractEventLoop, servers: dict[str, FakeServer]
) -> tuple[int, list[str], int]:
    """Return the counts after tasks and sockets have had time to close."""
    deadline = time.monotonic() + 10
    while any(server.open_streams for server in servers.values()):
        assert time.monotonic() < deadline, "a stream is still open"
        time.sleep(0.05)
    time.sleep(1)
    return left(loop)


def faults_of(asking: Asking, fault: str, times: int, pool: ThreadPoolExecutor) -> list[str]:
    """Return the error codes of a number of answers, from both servers in turn, a few at once."""
    for server in asking.servers.values():
        server.fault = fault
    kinds = [KINDS[number % 2] for number in range(times)]
    answers = list(pool.map(asking.ask, kinds))
    for server in asking.servers.values():
        server.fault = ""
    return [answer["error"]["code"] for answer in answers]


def test_two_hundred_faults_leave_no_tasks_or_connections(asking: Asking, server_here, owner):
    asking.conversation = make_conversation(make_workspace(owner=owner), owner)
    loop = server_here.servers[0].get_loop()
    with ThreadPoolExecutor(max_workers=4) as pool:
        for fault in FAULTS:
            faults_of(asking, fault, 4, pool)
        before = settled(loop, asking.servers)

        outcomes = {fault: faults_of(asking, fault, 200 // len(FAULTS), pool) for fault in FAULTS}

        after = settled(loop, asking.servers)
    assert {fault: set(codes) for fault, codes in outcomes.items()} == {
        fault: {code} for fault, code in FAULTS.items()
    }
    assert after[0] <= before[0]
    assert after[1] == before[1]
    assert (
        after[2] <= before[2] + 4
    )  # Both ends of a socket that is kept open for each server, at most.
