"""Three web processes, two workers and maintenance share one Redis and an external PostgreSQL."""

import json
import os
import shutil
import subprocess
import threading
import time
import urllib.error
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from support.library_documents import write_all
from support.process_killer import SLOW_MODEL
from support.running_server import Server
from support.split_stack import Apart, running_apart
from support.stack import free_port, wait_until
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from embedded.terminal_language import ROOT

pytestmark = pytest.mark.stack
WEBS = ("web a", "web b", "web c")


@pytest.fixture(scope="module")
def apart() -> Iterator[Apart]:
    with running_apart(PYTHONPATH=SLOW_MODEL, SIGN_IN_ATTEMPTS="4") as apart:
        refused = apart.part("prepare")
        assert refused.process.wait(60) == 1
        assert (
            refused.text()
            .strip()
            .endswith(
                "ask the database administrator to run CREATE EXTENSION vector; in this database."
            )
        )
        apart.database.administer("CREATE EXTENSION vector", "room")
        preparations = [apart.part(f"prepare {number}") for number in range(3)]
        codes = [part.process.wait(60) for part in preparations]
        assert codes == [0, 0, 0], apart.text()
        for name in (*WEBS, "worker 1", "worker 2", "maintenance"):
            apart.part(name)
        apart.wait_until_ready(*WEBS)
        yield apart


@pytest.fixture(scope="module")
def token(apart: Apart) -> str:
    return apart.parts["web a"].token()


@pytest.fixture(scope="module")
def slug(apart: Apart, token: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A workspace with the rules of a library, uploaded to one web process and ready on another."""
    one, other = apart.parts["web a"], apart.parts["web b"]
    slug = one.call("/api/v1/workspaces/", {"name": "Rules"}, token)["slug"]
    documents = write_all(tmp_path_factory.mktemp("rules"))
    one.upload(slug, [(path.name, path.read_bytes()) for path in documents], token)
    other.wait_until_indexed(slug, token, 60)
    assert {row["status"] for row in other.documents(slug, token)} == {"ready"}
    return slug


@pytest.fixture
def conversation(apart: Apart, slug: str, token: str) -> str:
    path = f"/api/v1/workspaces/{slug}/conversations/"
    return str(apart.parts["web a"].call(path, {}, token)["id"])


def opened(server: Server, conversation: str, token: str) -> ClientConnection:
    url = f"ws://127.0.0.1:{server.port}/ws/conversations/{conversation}/"
    return connect(url, subprotocols=["reading-room", f"bearer.{token}"])


def say(socket: ClientConnection, **frame: object) -> None:
    socket.send(json.dumps(frame))


def hear(
    socket: ClientConnection, *, until: str = "message.done", most: int = 10_000
) -> list[dict[str, object]]:
    events: list[dict[str, object]] = []
    while (not events or events[-1]["type"] != until) and len(events) < most:
        events.append(json.loads(socket.recv(timeout=20)))
    return events


def ask_slowly(socket: ClientConnection) -> str:
    """Ask a model that streams for five seconds; return the answer's id after the first token."""
    say(socket, type="ask", text="What is new?", model="slow/model")
    return str(hear(socket, until="answer.delta")[0]["message"])


def saved(server: Server, conversation: str, token: str) -> dict[str, object]:
    messages = server.call(f"/api/v1/conversations/{conversation}/messages/", token=token)[
        "results"
    ]
    return dict(messages[-1])


def rebuilt(events: list[dict[str, object]]) -> str:
    text = ""
    for event in events:
        if event["type"] == "message.snapshot":
            text = str(event["text"])
        elif event["type"] == "answer.delta":
            text += str(event["text"])
    return text


def check_numbers(events: list[dict[str, object]]) -> None:
    numbers = [event["seq"] for event in events]
    assert numbers == sorted(set(numbers)), numbers
    assert [event["type"] for event in events].count("message.done") == 1


def test_a_question_to_any_process_is_answered_from_the_documents(
    apart: Apart, slug: str, token: str, conversation: str
):
    answer = apart.parts["web c"].call(
        f"/api/v1/conversations/{conversation}/messages/",
        {"text": "How many books may a reader borrow at once?"},
        token,
    )

    assert "twelve books" in answer["text"]
    assert answer["citations"][0]["page_from"] == 2


def test_an_answer_is_followed_and_resumed_on_another_process(
    apart: Apart, conversation: str, token: str
):
    a, b = apart.parts["web a"], apart.parts["web b"]
    with opened(a, conversation, token) as here, opened(b, conversation, token) as there:
        message = ask_slowly(here)
        seen = hear(there, until="answer.delta")
        assert seen[0]["seq"] == 1, "it was heard of by itself"
        with opened(b, conversation, token) as again:
            say(again, type="resume", message=message, after=seen[-1]["seq"])
            resumed = hear(again)
        followed = [*seen, *hear(there)]
        asked = hear(here)

    assert [event["seq"] for event in followed] == list(range(1, len(followed) + 1))
    assert followed[-1] == asked[-1] == resumed[-1]
    assert [*seen, *resumed] == followed
    assert rebuilt(followed) == followed[-1]["text"]


def test_an_answer_is_stopped_from_a_third_process(apart: Apart, conversation: str, token: str):
    with (
        opened(apart.parts["web a"], conversation, token) as here,
        opened(apart.parts["web b"], conversation, token) as there,
    ):
        message = ask_slowly(here)
        hear(there, until="answer.delta")
        began = time.monotonic()
        apart.parts["web c"].call(
            f"/api/v1/conversations/{conversation}/stop/", {"message": message}, token
        )
        ends = [hear(here)[-1], hear(there)[-1]]

    assert time.monotonic() - began < 2
    assert ends[0] == ends[1]
    assert ends[0]["status"] == "stopped"
    assert str(ends[0]["text"]).startswith("w0 ")


def test_password_guessing_is_throttled_across_processes(apart: Apart):
    def status(name: str, password: str) -> int:
        try:
            apart.parts[name].call(
                "/api/v1/tokens/", {"email": "guess@example.org", "password": password}
            )
        except urllib.error.HTTPError as refused:
            return refused.code
        return 201

    said = [status(WEBS[number % 3], f"guess {number}") for number in range(6)]

    assert said == [401] * 4 + [429] * 2


@pytest.fixture
def door(apart: Apart, tmp_path: Path) -> Iterator[str]:
    """The address of Caddy in front of one web process, configured as in compose.yaml."""
    if shutil.which("caddy") is None:
        pytest.skip("caddy is not installed")
    port = str(free_port())
    plain = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    own = {"HTTP_PORT": port, "SITE": f"http://localhost:{port}", "WEB_HOST": "localhost"}
    environment = {**plain, **own, "WEB_PORT": str(apart.parts["web b"].port)}
    command = [
        "caddy",
        "run",
        "--config",
        str(ROOT / "docker" / "Caddyfile"),
        "--adapter",
        "caddyfile",
    ]
    caddy = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    client = Server(apart.folder / "none", int(port))
    wait_until(lambda: client.get("/healthz") == 200, 20)
    yield f"localhost:{port}"
    caddy.terminate()
    caddy.wait(10)


def test_streams_and_sockets_pass_the_proxy_unbuffered(
    apart: Apart, conversation: str, token: str, slug: str, door: str
):
    client = Server(apart.folder / "none", int(door.partition(":")[2]))
    with connect(
        f"ws://{door}/ws/conversations/{conversation}/",
        subprotocols=["reading-room", f"bearer.{token}"],
    ) as socket:
        ask_slowly(socket)
        assert saved(client, conversation, token)["status"] == "streaming", (
            "the first words come before the last"
        )
        client.call(f"/api/v1/conversations/{conversation}/stop/", {}, token)
        assert hear(socket)[-1]["status"] == "stopped"
    headers = {
        "Accept": "text/event-stream",
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
    }
    question = json.dumps({"text": "What is new?", "model": "slow/model"}).encode()
    with client.request(
        f"/api/v1/conversations/{conversation}/messages/", question, **headers
    ) as stream:
        next(line for line in stream if b"answer.delta" in line)
        assert saved(client, conversation, token)["status"] == "streaming"
    (row,) = client.upload(slug, [("large.txt", b"A line of a long document.\n" * 20_000)], token)
    assert "error" not in row or row["error"] is None


def test_an_answer_survives_a_restart_of_redis(
    apart: Apart, conversation: str, token: str, slug: str
):
    a, b = apart.parts["web a"], apart.parts["web b"]
    with opened(a, conversation, token) as here, opened(b, conversation, token) as there:
        ask_slowly(here)
        heard = hear(there, until="answer.delta")
        apart.redis.kill()
        assert b.get("/readyz") == 503
        assert b.token(), "one can sign in"
        with opened(b, conversation, token):
            pass
        rows = b.upload(slug, [("meanwhile.txt", b"Written while Redis was away.")], token)
        apart.redis.start()
        heard += hear(there)
        asked = hear(here)

    check_numbers(heard)
    assert heard[-1] == asked[-1]
    assert rebuilt(heard) == asked[-1]["text"]
    b.wait_until_indexed(slug, token, 30)
    assert {row["status"] for row in b.documents(slug, token) if row["id"] == rows[0]["id"]} == {
        "ready"
    }
    apart.wait_until_ready(*WEBS)


def test_all_processes_recover_after_a_restart_of_the_database(apart: Apart, slug: str, token: str):
    b = apart.parts["web b"]
    apart.database.server.stop()
    assert b.get("/readyz") == 503
    apart.database.server.start()

    apart.wait_until_ready(*WEBS)

    assert b.documents(slug, token)


def test_a_killed_worker_is_replaced_by_the_second_worker(apart: Apart, slug: str, token: str):
    b = apart.parts["web b"]
    documents = [
        (f"page-{n}.html", f"<h1>Page {n}</h1><p>{f'word{n} ' * 3000}</p>".encode())
        for n in range(30)
    ]
    b.upload(slug, documents, token)
    wait_until(lambda: b.documents(slug, token, "status=processing"), 20)

    apart.kill("worker 1")

    b.wait_until_indexed(slug, token, 60)
    assert len(b.documents(slug, token, "status=ready")) == len(b.documents(slug, token)) >= 30


def test_the_answer_of_a_killed_process_is_stored_as_interrupted(
    apart: Apart, conversation: str, token: str
):
    a, b = apart.parts["web a"], apart.parts["web b"]
    heard: list[dict[str, object]] = []
    with opened(b, conversation, token) as there, opened(a, conversation, token) as here:
        ask_slowly(here)
        following = threading.Thread(target=lambda: heard.extend(hear(there)))
        following.start()
        time.sleep(2)
        with suppress(ConnectionClosed):
            apart.kill("web a")
        following.join(20)

    check_numbers(heard)
    assert heard[-1]["status"] == "interrupted"
    kept = saved(b, conversation, token)
    assert kept["status"] == "interrupted"
    assert str(kept["text"]).startswith("w0 w1 w2 ")
    assert rebuilt(heard).startswith(str(kept["text"]))


def test_all_processes_stop_cleanly_without_logged_errors(apart: Apart):
    serving = {name: part for name, part in apart.parts.items() if not name.startswith("prepare")}
    for part in serving.values():
        part.process.terminate()

    codes = {name: part.process.wait(15) for name, part in serving.items()}

    assert set(codes.values()) <= {0, -15}, codes
    assert "Traceback" not in apart.text(), apart.text()
