"""Every stream ends when its reader loses access, for each cause of the loss."""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from channels.db import database_sync_to_async
from django.db import connection
from django.utils import timezone
from support.conversation_socket import Socket
from support.factories import make_group, make_user

from accounts import access_watch, services
from accounts.models import ApiToken, Group, User
from chat.answering import service
from chat.models import Conversation
from chat.sockets import consumers
from ingestion.models import Document
from ingestion.storage import blobs
from ingestion.transfer import downloads
from web.database import in_database
from workspaces.models import Membership, Role, Workspace
from workspaces.services import delete_workspace

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 5
LONG = [part for n in range(400) for part in (f"word{n} ", 0.05)]


def _administrator() -> User:
    return User.objects.filter(is_admin=True).first() or make_user("Ada", is_admin=True)


def _membership_removed(reader: User, workspace: Workspace) -> None:
    Membership.objects.filter(user=reader).delete()
    Group.objects.all().delete()


def _group_emptied(reader: User, workspace: Workspace) -> None:
    services.change_group(Group.objects.get(), by=_administrator(), members=[])


def _user_disabled(reader: User, workspace: Workspace) -> None:
    services.change_user(reader, by=_administrator(), is_active=False)


def _token_revoked(reader: User, workspace: Workspace) -> None:
    services.revoke_token(ApiToken.objects.get(), by=reader)


def _token_expired(reader: User, workspace: Workspace) -> None:
    ApiToken.objects.update(expires=timezone.now())


def _password_set(reader: User, workspace: Workspace) -> None:
    services.change_user(reader, by=_administrator(), password="another quiet phrase")


def _workspace_deleted(reader: User, workspace: Workspace) -> None:
    delete_workspace(workspace, by=_administrator())


ENDS = [
    _membership_removed,
    _group_emptied,
    _user_disabled,
    _token_revoked,
    _token_expired,
    _password_set,
    _workspace_deleted,
]
End = Callable[[User, Workspace], None]
in_every_way = pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__.strip("_"))


@pytest.fixture(autouse=True)
def frequent_checks(monkeypatch):
    monkeypatch.setattr(access_watch, "CHECK_SECONDS", 0.05)


@pytest.fixture
def grouped(reader, library) -> User:
    """A reader who is a member of the workspace only through a group."""
    Membership.objects.filter(user=reader).delete()
    Membership.objects.create(
        workspace=library, group=make_group("Readers", (reader,)), role=Role.VIEWER
    )
    return reader


@pytest.fixture
def token(grouped) -> str:
    return services.create_token(user=grouped)[1]


@pytest.fixture
def asked_in(grouped, conversation) -> Conversation:
    Conversation.objects.update(owner=grouped)
    return conversation


@asynccontextmanager
async def client(live: str, token: str, accept: str = "text/event-stream"):
    headers = {"Authorization": f"Bearer {token}", "Accept": accept}
    async with httpx.AsyncClient(
        base_url=live, headers=headers, timeout=SECONDS, trust_env=False
    ) as opened:
        yield opened


async def lines_until_the_end(
    response: httpx.Response, after_the_first: Callable[[], object]
) -> list[str]:
    """Read a stream to its end; call `after_the_first` once text has arrived."""
    lines, has_ended = [], False
    async with asyncio.timeout(SECONDS):
        async for line in response.aiter_lines():
            lines.append(line)
            if "word" in line and not has_ended:
                has_ended = True
                await in_database(after_the_first)()
    return lines


async def until(condition: Callable[[], bool]) -> None:
    for _time in range(100 * SECONDS):
        if condition():
            return
        await asyncio.sleep(0.01)
    pytest.fail("This did not come true in time.")


@in_every_way
async def test_event_stream_ends_with_a_refusal_after_access_ends(
    live, asked_in, grouped, token, library, model, end: End
):
    model.script = LONG
    path = f"/api/v1/conversations/{asked_in.pk}/messages/"
    async with (
        client(live, token) as http,
        http.stream("POST", path, json={"text": "What is lift?"}) as response,
    ):
        lines = await lines_until_the_end(response, lambda: end(grouped, library))

    last = json.loads(
        [line for line in lines if line.startswith("data: ")][-1].removeprefix("data: ")
    )
    assert (last["type"], last["code"]) == ("error", "not_found")
    assert not any("message.done" in line for line in lines)


@in_every_way
async def test_completion_is_cancelled_after_access_ends(
    live, grouped, token, library, conversation, model, end: End
):
    model.script = LONG
    body = {
        "model": f"workspace/{library.slug}",
        "stream": True,
        "messages": [{"role": "user", "content": "Lift?"}],
    }
    async with (
        client(live, token) as http,
        http.stream("POST", "/v1/chat/completions", json=body) as response,
    ):
        lines = await lines_until_the_end(response, lambda: end(grouped, library))

    last = json.loads(
        [line for line in lines if line.startswith("data: ")][-1].removeprefix("data: ")
    )
    assert last["error"]["code"] == "not_found"
    await until(lambda: not service._unstored)


@in_every_way
async def test_plain_question_is_refused_after_access_ends(
    live, asked_in, grouped, token, library, model, end: End
):
    model.script = LONG
    body = {
        "model": f"workspace/{library.slug}",
        "messages": [{"role": "user", "content": "Lift?"}],
    }
    async with client(live, token, "application/json") as http:
        path = f"/api/v1/conversations/{asked_in.pk}/messages/"
        waiting = [
            asyncio.create_task(http.post(path, json={"text": "What is lift?"})),
            asyncio.create_task(http.post("/v1/chat/completions", json=body)),
        ]
        await until(lambda: len(model.requests) == len(waiting))
        await in_database(lambda: end(grouped, library))()
        responses = await asyncio.gather(*waiting)

    assert [response.status_code for response in responses] == [404, 404]
    assert "word" not in responses[0].text + responses[1].text


@in_every_way
async def test_silent_socket_is_closed_after_access_ends(
    asked_in, grouped, token, library, model, end: End
):
    model.script = ["Lift", asyncio.Event()]
    async with Socket(asked_in, token) as socket:
        await socket.say(type="ask", text="What is lift?")
        await socket.hear_until("answer.delta")
        await database_sync_to_async(end)(grouped, library)

        assert await socket.is_closed() == consumers.CLOSE_NOT_ALLOWED


@in_every_way
async def test_file_download_is_cut_off_after_access_ends(
    live, grouped, token, library, monkeypatch, end: End
):
    monkeypatch.setattr(downloads, "BLOCK_BYTES", 1000)
    size = 4_000_000
    document = await in_database(Document.objects.select_related("blob").first)()
    place = blobs.path_of(document.blob_id)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"x" * size)
    document.blob.size = size
    await in_database(document.blob.save)()
    read: list[int] = []
    blocks = downloads._blocks

    def with_an_end(*of_what):
        for number, block in enumerate(blocks(*of_what)):
            if number == 5:
                end(grouped, library)
                connection.close()
            if number > 5:
                time.sleep(0.005)
            yield block

    monkeypatch.setattr(downloads, "_blocks", with_an_end)
    path = f"/api/v1/workspaces/{library.slug}/documents/{document.pk}/file/"
    async with client(live, token, "*/*") as http, http.stream("GET", path) as response:
        with pytest.raises(httpx.RemoteProtocolError):
            await _read(response, read)

    assert response.status_code == 200
    assert 5000 <= sum(read) < size / 2


async def _read(response: httpx.Response, read: list[int]) -> None:
    async for part in response.aiter_bytes():
        read += [len(part)]  # Kept when the connection breaks.
