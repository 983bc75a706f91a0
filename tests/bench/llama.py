"""Reading Room against a real OpenAI-compatible server: llama-cpp-python with a tiny model of random weights.

Its wheel is built from C++ in about nine minutes of processor time, so this is no part of `make test`: it needs a
compiler, and runs when asked for, `make bench PARTS=llama`. The build is kept in LLAMA_VENV,
~/.cache/reading-room/llama unless it says otherwise.
"""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from running import Server, running
from stacks import free_port

VENV = Path(os.environ.get("LLAMA_VENV", Path.home() / ".cache" / "reading-room" / "llama"))
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ["llama-cpp-python[server]==0.3.36", "gguf"]
RULES = "The library opens at nine. It closes at eight in the evening.\n\nBooks may be kept for four weeks."


def main() -> None:
    """Install what is missing, connect, ask, stop, and check what is kept."""
    install()
    with llama() as address, running() as server:
        token = server.token()
        model = connect(server, token, address)
        slug = server.call("/api/v1/workspaces/", {"name": "Llama"}, token)["slug"]
        server.call(f"/api/v1/workspaces/{slug}/", {"chat_model": model}, token, "PATCH")
        server.upload(slug, [("rules.txt", RULES.encode())], token)
        server.wait_until_indexed(slug, token)
        answer_whole(server, token, slug)
        stop_an_answer(server, token, slug)


def install() -> None:
    """Build llama-cpp-python once."""
    if not PYTHON.exists():
        began = time.monotonic()
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", *REQUIREMENTS], check=True)
        print(f"installed in {time.monotonic() - began:.0f} s")


@contextmanager
def llama() -> Iterator[str]:
    """Run the server; yield its address."""
    with TemporaryDirectory(prefix="rr-llama-") as folder:
        weights, port = Path(folder) / "tiny-random.gguf", free_port()
        subprocess.run([PYTHON, Path(__file__).with_name("tiny_llama.py"), weights], check=True)
        command = [PYTHON, "-m", "llama_cpp.server", "--model", weights, "--model_alias", "tiny-random"]
        command += ["--port", str(port), "--n_ctx", "4096", "--chat_format", "chatml", "--verbose", "false"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                address = f"http://127.0.0.1:{port}"
                wait_for(f"{address}/v1/models")
                yield address
            finally:
                process.terminate()


def wait_for(address: str) -> None:
    """Wait until somebody answers."""
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            assert time.monotonic() < deadline, "llama.cpp does not answer"
            time.sleep(0.2)


def connect(server: Server, token: str, address: str) -> str:
    """Add the connection; return the id of its model."""
    added = server.call("/api/v1/connections/", {"name": "Llama", "kind": "openai", "base_url": address}, token)
    print("check:", json.dumps(added["check"], ensure_ascii=False))
    models = [row["id"] for row in server.call("/api/v1/models/", token=token)["results"] if row["kind"] == "chat"]
    assert "llama/tiny-random" in models, models
    return "llama/tiny-random"


def answer_whole(server: Server, token: str, slug: str) -> None:
    """Ask, and take the whole answer: nonsense, but the server's own, and stored."""
    began = time.monotonic()
    conversation = new_conversation(server, token, slug)
    answer = server.call(f"{conversation}messages/", {"text": "When does the library open?"}, token)
    assert answer["status"] == "done", answer
    assert answer["text"], answer
    print(f"answer: {len(answer['text'])} characters in {time.monotonic() - began:.1f} s, usage {answer['usage']}")


def stop_an_answer(server: Server, token: str, slug: str) -> None:
    """Ask as an event stream, stop at the first word, and find what was said kept."""
    conversation = new_conversation(server, token, slug)
    headers = {"Content-Type": "application/json", "Accept": "text/event-stream", "Authorization": f"Bearer {token}"}
    heard: list[dict[str, Any]] = []
    with server.request(f"{conversation}messages/", b'{"text": "Tell me all."}', **headers) as stream:
        for line in stream:
            if line.startswith(b"data:"):
                heard.append(json.loads(line[5:]))
                if heard[-1]["type"] == "answer.delta" and sum(e["type"] == "answer.delta" for e in heard) == 1:
                    server.call(f"{conversation}stop/", {}, token)
    assert heard[-1]["type"] == "message.done", heard[-1]
    print(f"stopped: status {heard[-1]['status']}, {len(heard)} events")


def new_conversation(server: Server, token: str, slug: str) -> str:
    """Return the path of a new conversation."""
    made = server.call(f"/api/v1/workspaces/{slug}/conversations/", {}, token)
    return f"/api/v1/conversations/{made['id']}/"
