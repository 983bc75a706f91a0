"""Limits of the size of answers, over real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator

import pytest
from fakes.sockets import Answer, FakeServer, Request
from support.model_listener import told

from providers.connections import pull
from providers.connections.factory import server_for
from providers.exceptions import ProviderError, ProviderRefused
from providers.http.client import MAX_ANSWER_BYTES, MAX_STREAM_LINE_BYTES, ServerClient
from providers.http.timeouts import StreamTimer, Timeouts
from providers.protocols import FoundModel, ModelServer

KINDS = ["ollama", "openai"]
CHAT = FoundModel("m", "chat")
EMBEDS = FoundModel("e", "embedding", dimensions=64)
PATIENT = Timeouts(connect=5, first_token=30, silence=30)
BLOCK = b"[" * 2**16


class Flood(FakeServer):
    """Sends the answers that a test sets by path; for other paths, endless brackets."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, Answer] = {}
        self.sent = 0

    async def answer(self, request: Request) -> Answer:
        return self.answers.get(request.path) or Answer(frames=self._brackets())

    async def _brackets(self) -> AsyncIterator[bytes]:
        while True:
            yield BLOCK
            self.sent += len(BLOCK)


@pytest.fixture
def flood() -> Iterator[Flood]:
    with Flood() as server:
        yield server


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest, flood: Flood) -> ModelServer:
    return server_for(request.param, flood.url, "", PATIENT)


def refused(call, *arguments: object) -> str:
    """Return the code of the error that a call raises; its sentence must name the server."""
    with pytest.raises(ProviderRefused) as caught:
        call(*arguments)
    assert caught.value.sentence.values["host"].startswith("127.0.0.1:")
    return caught.value.code


def test_endless_lists_and_versions_are_refused(server, flood):
    assert refused(server.version) == "provider_too_much"
    assert refused(server.found_models) == "provider_too_much"
    assert (
        flood.sent < 4 * MAX_ANSWER_BYTES + 2**24
    )  # What fits into the buffers of the sockets comes on top.


def test_an_endless_answer_with_vectors_is_refused(server):
    for found in (EMBEDS, FoundModel("e", "embedding")):
        model = server.embedding_model("x/e", found)
        assert refused(model.embed_query, "blue") == "provider_too_much"
        assert refused(model.embed_documents, ["blue", "red"]) == "provider_too_much"


async def test_an_endless_list_of_model_names_is_refused_asynchronously(server):
    with pytest.raises(ProviderError) as caught:
        await server.chat_model("x/m", CHAT).names()

    assert caught.value.code == "provider_too_much"


async def test_an_endless_streamed_line_is_refused(server, flood):
    assert (await told(server.chat_model("x/m", CHAT)))[2] == "provider_too_much"
    assert flood.sent < 2 * MAX_STREAM_LINE_BYTES + 2**24


async def test_an_endless_body_of_short_lines_is_refused(flood):
    async def lines() -> AsyncIterator[bytes]:
        yield b"{\n"
        while True:
            yield b"1\n" * 2**15

    flood.answers["/v1/chat/completions"] = Answer(frames=lines())
    model = server_for("openai", flood.url, "", PATIENT).chat_model("x/m", CHAT)

    assert (await told(model))[2] == "provider_too_much"


@pytest.mark.parametrize("status", [400, 500])
async def test_only_the_beginning_of_an_error_is_read(status, server, flood):
    body = json.dumps({"error": {"message": "no " * 10**6}}).encode()
    for path in ("/api/chat", "/v1/chat/completions", "/api/tags", "/v1/models"):
        flood.answers[path] = Answer(status, body)
    code = "provider_declined" if status == 400 else "provider_failing"

    assert (await told(server.chat_model("x/m", CHAT)))[2] == code
    with pytest.raises(ProviderError) as caught:
        await asyncio.to_thread(server.found_models)
    assert caught.value.code == code
    assert len(caught.value.said) == 0


def test_the_vectors_of_a_full_batch_fit_the_limit_in_every_notation(flood):
    texts = [f"text {number}" for number in range(32)]
    found = FoundModel("e", "embedding", dimensions=1024)
    vectors = [[-2.2250738585072014e-308] * 1023 + [1.0] for _text in texts]
    rows = [
        {"object": "embedding", "index": at, "embedding": vector}
        for at, vector in enumerate(vectors)
    ]
    flood.answers["/v1/embeddings"] = Answer(body=json.dumps({"data": rows}, indent=2).encode())
    flood.answers["/api/embed"] = Answer(
        body=json.dumps({"embeddings": vectors}, indent=4).encode()
    )

    for kind in KINDS:
        model = server_for(kind, flood.url, "", PATIENT).embedding_model("x/e", found)
        assert [len(vector) for vector in model.embed_documents(texts)] == [1024] * 32


async def test_lines_in_small_pieces_are_joined(flood):
    lines = [b"first", b"", "zweite Zeile, 第三".encode(), b"x" * 5_000, b"last without an end"]

    async def pieces() -> AsyncIterator[bytes]:
        content = b"\n".join(lines)
        for start in range(0, len(content), 7):
            yield content[start : start + 7]

    flood.answers["/lines"] = Answer(frames=pieces())
    blocks = ServerClient(flood.url, "", PATIENT).lines(
        "/lines", {}, StreamTimer(PATIENT), model="m"
    )

    assert [line async for block in blocks for line in block] == lines


def test_the_progress_of_a_pull_has_short_texts_and_numbers():
    told_by_the_server = [
        {"status": "pulling " + "x" * 100_000, "total": 2, "completed": {"a": [1] * 1000}},
        {"status": {"deep": ["words"] * 10_000}},
    ]
    for line in told_by_the_server:
        step = pull._step(json.dumps(line).encode(), "")
        assert len(json.dumps(step)) < 300
        assert "completed" not in step
