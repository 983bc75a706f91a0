"""Checks of connections to servers over real sockets, working and failing."""

import pytest
from fakes.servers import FakeOllama
from fakes.sockets import Answer
from support.model_server import make_connection

from providers import registry
from providers.connections.checks import check
from providers.models import Model

pytestmark = pytest.mark.django_db


def messages(findings):
    return [finding.message for finding in findings]


def test_a_working_ollama_passes_every_step(ollama):
    connection = make_connection(base_url=ollama.url)

    found = check(connection)

    assert all(finding.ok for finding in found), messages(found)
    assert messages(found)[0] == "The server is responding (Ollama 0.12.6)."
    assert messages(found)[1] == "Models found: 2 chat, 1 embedding."
    assert found[-1].code == "first_token"
    assert registry.embedding_model("lab/nomic-embed-text:latest").dimensions > 0


def test_a_refused_key_fails_the_check_until_a_right_one_is_given(deepseek):
    connection = make_connection(kind="openai", base_url=deepseek.url, key="sk-wrong")
    refused = check(connection)
    connection = make_connection("Two", kind="openai", base_url=deepseek.url, key=deepseek.key)
    works = check(connection)

    assert [finding.code for finding in refused] == ["provider_key_refused"]
    assert all(finding.ok for finding in works), messages(works)
    assert set(Model.objects.values_list("kind", flat=True)) == {"chat", "embedding", "rerank"}


@pytest.mark.parametrize("fault", ["down", "500", "garbage"])
def test_each_fault_is_reported_in_one_sentence(ollama, fault):
    connection = make_connection(base_url=ollama.url)
    ollama.fault = fault

    found = check(connection)

    assert len(found) == 1
    assert not found[0].ok
    assert found[0].message.endswith(".")


class Strange(FakeOllama):
    """Answers with texts that a row or a page cannot hold."""

    async def answer(self, request):
        said = {
            "/api/version": {"version": "0.1\x00\ud800" + "9" * 10_000},
            "/api/tags": {"models": [{"name": "llama\x00"}, {"name": "llama", "details": "x"}]},
            "/api/show": {
                "capabilities": 5,
                "details": [],
                "model_info": {"llama.context_length": 10**30},
            },
        }
        return Answer(body=said[request.path]) if request.path in said else Answer(500, {})


def test_texts_of_a_server_are_cut_to_the_storable_length():
    with Strange() as server:
        connection = make_connection(base_url=server.url)
        found = check(connection, model="llame")

    assert [(finding.code, finding.ok) for finding in found[:3]] == [
        ("reachable", True),
        ("models_found", True),
        ("model_missing", False),
    ]
    assert found[2].details["nearest"] == ["llama"]
    assert len(found[0].message) < 300
    assert [(row.name, row.context_tokens) for row in Model.objects.all()] == [("llama", None)]


def test_a_deeply_nested_answer_is_an_invalid_response():
    class Deep(FakeOllama):
        async def answer(self, request):
            return Answer(frames=self._deep())

        async def _deep(self):
            yield b"[" * 50_000

    with Deep() as server:
        found = check(make_connection(base_url=server.url))

    assert [finding.code for finding in found] == ["provider_not_understood"]
