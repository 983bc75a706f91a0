"""Pulls of models on an Ollama server, over real sockets."""

import json

import pytest
from django.db import OperationalError
from django.test import AsyncClient
from fakes import servers
from fakes.servers import FakeOllama
from fakes.sockets import Answer

from accounts.services import create_token
from providers.connections import pull
from providers.connections.pull import pulled
from providers.models import Connection
from web.database import in_database

pytestmark = pytest.mark.django_db(transaction=True)


class PullingOllama(FakeOllama):
    """Pulls any model except one."""

    async def answer(self, request):
        if request.path != "/api/pull":
            return await super().answer(request)
        return Answer(frames=self._fetch(request.body["model"]), media_type="application/x-ndjson")

    async def _fetch(self, name):
        yield b'{"status":"pulling manifest"}\n'
        if name == "nothing":
            yield b'{"error":"pull model manifest: file does not exist for sk-lost-and-found"}\n'
            return
        yield b'{"status":"pulling 8eeb","digest":"sha256:8eeb","total":200,"completed":100}\n'
        servers.OLLAMA_MODELS[name] = ["completion"]
        yield b'{"status":"success"}\n'


@pytest.fixture
def connection(monkeypatch):
    monkeypatch.setattr(servers, "OLLAMA_MODELS", dict(servers.OLLAMA_MODELS))
    with PullingOllama() as server:
        yield Connection.objects.create(name="Lab", slug="lab", base_url=server.url)


async def test_a_pull_reports_its_progress_and_adds_the_model(connection):
    steps = [step async for step in pulled(connection, "gemma3:1b")]

    assert {"status": "pulling 8eeb", "total": 200, "completed": 100} in steps
    assert steps[-1] == {"status": "success", "done": True}
    names = await in_database(lambda: set(connection.offered.values_list("name", flat=True)))()
    assert "gemma3:1b" in names


async def test_a_failed_pull_is_reported(connection):
    steps = [step async for step in pulled(connection, "nothing")]

    assert steps[-1]["error"]["code"] == "pull_failed"
    assert "file does not exist" in steps[-1]["error"]["message"]
    assert "sk-lost" not in steps[-1]["error"]["message"]


async def test_a_pull_from_a_server_that_is_down_is_reported(connection):
    connection.base_url = "http://127.0.0.1:9"

    steps = [step async for step in pulled(connection, "gemma3:1b")]

    assert [step["error"]["code"] for step in steps] == ["provider_unreachable"]


async def test_a_database_failure_during_a_pull_is_reported(connection, monkeypatch):
    def away(*args):
        raise OperationalError("away")

    monkeypatch.setattr(pull, "save_models", away)

    steps = [step async for step in pulled(connection, "gemma3:1b")]

    assert steps[-1]["error"]["code"] == "database_unavailable"


async def test_progress_arrives_line_by_line(connection, admin):
    _token, raw = await in_database(create_token)(user=admin)
    client, mine = AsyncClient(), {"Authorization": f"Bearer {raw}"}

    path = f"/api/v1/connections/{connection.pk}/pull/"
    answer = await client.post(
        path, {"model": "gemma3:1b"}, content_type="application/json", headers=mine
    )
    lines = b"".join([part async for part in answer.streaming_content]).splitlines()

    assert answer.headers["Content-Type"] == "application/x-ndjson"
    assert json.loads(lines[0]) == {"status": "pulling manifest"}
    assert json.loads(lines[-1])["done"] is True
    assert (
        await client.post(path, {}, content_type="application/json", headers=mine)
    ).status_code == 400
