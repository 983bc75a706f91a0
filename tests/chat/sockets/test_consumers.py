"""The WebSocket of a conversation: access, frames, events and errors."""

import asyncio

import pytest
from django.db import OperationalError
from django.utils import translation
from support.conversation_socket import Socket
from support.factories import make_conversation

from accounts import access_watch
from accounts.models import ApiToken
from accounts.services import create_token
from chat.models import Conversation, Message
from chat.sockets import consumers
from web.database import in_database
from web.ids import new_id
from workspaces.models import Membership

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = "How does lift grow with speed?"


@pytest.fixture
def token(owner):
    return create_token(user=owner)[1]


@pytest.fixture
def socket(conversation, token):
    return Socket(conversation, token)


def texts(events):
    return "".join(event["text"] for event in events if event["type"] == "answer.delta")


async def test_a_question_is_answered_with_events(socket, model):
    model.script = ["Lift grows", " with the square [1]."]

    async with socket:
        await socket.say(type="ask", text=ASKED)
        events = await socket.hear_until("message.done")

    assert socket.subprotocol == "reading-room"
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[0] == {
        "type": "message.started",
        "message": events[0]["message"],
        "seq": 1,
        "role": "assistant",
        "parent": events[-1]["parent"],
        "model": "scripted/model",
        "question": ASKED,
    }
    assert texts(events) == events[-1]["text"] == "Lift grows with the square [1]."
    assert events[-1]["citations"][0]["document"]["name"] == "Wings.pdf"


async def test_a_session_cookie_is_accepted_from_own_pages_only(
    conversation, browse, owner, model, settings
):
    client = await in_database(browse)(owner)
    cookie = (
        b"cookie",
        f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}".encode(),
    )

    host = (b"host", b"localhost:8000")

    async with Socket(
        conversation, headers=[cookie, host, (b"origin", b"http://localhost:8000")]
    ) as ours:
        assert ours.connected
    async with Socket(
        conversation, headers=[cookie, host, (b"origin", b"http://localhost:3000")]
    ) as other_port:
        assert not other_port.connected
    async with Socket(
        conversation, headers=[cookie, host, (b"origin", b"https://localhost:8000")]
    ) as other_scheme:
        assert not other_scheme.connected
    async with Socket(
        conversation, headers=[cookie, (b"origin", b"http://evil.example")]
    ) as foreign:
        assert not foreign.connected
    async with Socket(conversation, headers=[cookie]) as without_origin:
        assert not without_origin.connected


async def test_an_origin_of_the_public_address_is_accepted_behind_a_proxy(
    conversation, browse, owner, model, settings
):
    settings.CSRF_TRUSTED_ORIGINS = ["https://localhost"]
    client = await in_database(browse)(owner)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    known = [
        (b"cookie", f"{settings.SESSION_COOKIE_NAME}={session}".encode()),
        (b"host", b"localhost:8000"),
    ]

    async with Socket(conversation, headers=[*known, (b"origin", b"https://localhost")]) as ours:
        assert ours.connected
    async with Socket(
        conversation, headers=[*known, (b"origin", b"http://localhost")]
    ) as other_scheme:
        assert not other_scheme.connected


async def test_unknown_and_foreign_conversations_are_refused_alike(
    conversation, stranger, reader, token
):
    for user in (stranger, reader):
        _token, raw = await in_database(create_token)(user=user)
        async with Socket(conversation, raw) as foreign:
            assert not foreign.connected
    async with Socket(new_id(), token) as unknown:
        assert not unknown.connected
    async with Socket(conversation, "nonsense") as wrong:
        assert not wrong.connected


BAD_FRAMES = {
    "{nonsense": "malformed",
    '{"type": "dance"}': "unknown_frame",
    '{"type": "ask", "text": "  "}': "invalid",
    '{"type": "ask", "text": "x", "model": "nowhere/none"}': "unknown_model",
    '{"type": "ask", "text": "x", "parent": "0192aaaa-0000-7000-8000-000000000000"}': "not_found",
    '{"type": "resume", "message": "x", "after": 0}': "not_found",
    '{"type": "resume", "message": "0192aaaa-0000-7000-8000-000000000000", "after": 0}': "not_found",
    '{"type": "stop", "message": "nothing"}': "not_found",
}


async def test_a_bad_frame_is_answered_with_an_error_and_the_socket_stays_open(socket, model):
    async with socket:
        for frame in BAD_FRAMES:
            await socket.send(text=frame)
        errors = [await socket.hear() for _frame in BAD_FRAMES]
        await socket.say(type="ask", text=ASKED)
        events = await socket.hear_until("message.done")

    assert [error["code"] for error in errors] == list(BAD_FRAMES.values())
    for error in errors:
        assert error == {"type": "error", **error["error"], "error": error["error"]}
    assert events[-1]["status"] == "done"


async def test_a_binary_frame_is_answered_with_an_error(socket):
    async with socket:
        await socket.send(bytes=b"\x00\xff")

        assert (await socket.hear())["code"] == "malformed"


async def test_stop_ends_the_answer_and_keeps_its_text(socket, model):
    model.script = ["Lift grows", asyncio.Event()]

    async with socket:
        await socket.say(type="ask", text=ASKED)
        begun = await socket.hear_until("answer.delta")
        await socket.say(type="stop", message=begun[0]["message"])
        end = (await socket.hear_until("message.done"))[-1]

    assert (end["status"], end["text"]) == ("stopped", "Lift grows")


async def test_an_answer_outlives_its_socket_and_can_be_resumed(conversation, token, model):
    gate = asyncio.Event()
    model.script = ["Lift grows", gate, " with speed."]
    async with Socket(conversation, token) as first:
        await first.say(type="ask", text=ASKED)
        seen = await first.hear_until("answer.delta")
    gate.set()

    async with Socket(conversation, token) as second:
        await second.say(type="resume", message=seen[0]["message"], after=seen[-1]["seq"])
        rest = await second.hear_until("message.done")

    assert [event["seq"] for event in seen + rest] == list(range(1, len(seen + rest) + 1))
    assert texts(seen + rest) == "Lift grows with speed."


async def test_a_question_of_one_tab_appears_in_another_tab(conversation, token, model):
    async with Socket(conversation, token) as first, Socket(conversation, token) as second:
        await first.say(type="ask", text=ASKED)

        assert await second.hear_until("message.done") == await first.hear_until("message.done")


async def test_resuming_twice_replaces_the_first_reader(socket, model):
    gate = asyncio.Event()
    model.script = ["Lift", gate]
    async with socket:
        await socket.say(type="ask", text=ASKED)
        begun = await socket.hear_until("answer.delta")
        await socket.say(type="resume", message=begun[0]["message"], after=0)
        again = await socket.hear_until("answer.delta")
        gate.set()
        (end,) = await socket.hear_until("message.done")

        assert again == begun
        assert end["text"] == "Lift"
        assert await socket.wire.receive_nothing(0.2)


async def test_the_socket_of_a_former_member_is_closed_at_the_next_frame(
    conversation, token, owner, model
):
    async with Socket(conversation, token) as socket:
        await in_database(Membership.objects.filter(user=owner).delete)()
        await socket.say(type="ask", text=ASKED)

        assert await socket.is_closed() == consumers.CLOSE_NOT_ALLOWED
    assert not await in_database(Message.objects.exists)()


async def test_the_silent_socket_of_a_former_member_is_closed(
    conversation, token, owner, model, monkeypatch
):
    monkeypatch.setattr(access_watch, "CHECK_SECONDS", 0.05)
    model.script = [part for n in range(100) for part in (f"{n} ", 0.05)]
    async with Socket(conversation, token) as socket:
        await socket.say(type="ask", text=ASKED)
        await socket.hear_until("answer.delta")
        await in_database(Membership.objects.filter(user=owner).delete)()

        assert await socket.is_closed() == consumers.CLOSE_NOT_ALLOWED


@pytest.mark.parametrize("lost", ["token", "account", "conversation"])
async def test_the_socket_is_closed_once_token_account_or_conversation_ends(
    conversation, token, owner, lost
):
    gone = {
        "token": ApiToken.objects.all().delete,
        "account": lambda: type(owner).objects.filter(pk=owner.pk).update(is_active=False),
        "conversation": Conversation.objects.all().delete,
    }
    async with Socket(conversation, token) as socket:
        await in_database(gone[lost])()
        await socket.say(type="stop")

        assert await socket.is_closed() == consumers.CLOSE_NOT_ALLOWED


async def test_the_socket_of_an_ended_session_is_closed(conversation, browse, owner, settings):
    client = await in_database(browse)(owner)
    cookie = (
        b"cookie",
        f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}".encode(),
    )
    async with Socket(
        conversation, headers=[cookie, (b"host", b"localhost"), (b"origin", b"http://localhost")]
    ) as socket:
        await in_database(client.logout)()
        await socket.say(type="stop")

        assert await socket.is_closed() == consumers.CLOSE_NOT_ALLOWED


async def test_an_answer_of_another_conversation_cannot_be_resumed(
    conversation, token, model, owner, library
):
    other = await in_database(make_conversation)(library, owner)
    async with Socket(other, token) as elsewhere:
        await elsewhere.say(type="ask", text=ASKED)
        end = (await elsewhere.hear_until("message.done"))[-1]

    async with Socket(conversation, token) as here:
        await here.say(type="resume", message=end["message"], after=0)

        assert (await here.hear())["code"] == "not_found"


async def test_simultaneous_questions_of_a_socket_are_limited(socket, model, settings):
    settings.ANSWERS_AT_ONCE = 3
    model.script = [asyncio.Event()]
    async with socket:
        for n in range(10):
            await socket.say(type="ask", text=f"Question {n}")
        codes = [
            event["code"]
            for event in [await socket.hear() for _n in range(16)]
            if event["type"] == "error"
        ]
        await socket.say(type="stop")
        ends = [(await socket.hear_until("message.done"))[-1]["status"] for _n in range(3)]

    assert codes == ["too_many_answers"] * 7
    assert ends == ["stopped"] * 3


async def test_a_database_failure_is_reported_in_an_error_frame(socket, model, monkeypatch, caplog):
    async with socket:
        monkeypatch.setattr(Conversation, "seen_by", _away)
        await socket.say(type="ask", text=ASKED)

        assert (await socket.hear())["code"] == "database_unavailable"
    assert not any(record.exc_info for record in caplog.records)


async def test_a_handshake_without_database_logs_one_line(conversation, token, monkeypatch, caplog):
    monkeypatch.setattr(Conversation, "seen_by", _away)

    async with Socket(conversation, token) as refused:
        assert not refused.connected

    assert ["The database does not answer" in record.getMessage() for record in caplog.records] == [
        True
    ]
    assert caplog.records[0].exc_info is None


def _away(user, pk):
    raise OperationalError("gone")


async def test_refusals_are_in_the_language_of_the_reader(conversation, owner, token, monkeypatch):
    owner.language = "zh-hans"
    await in_database(owner.save)()
    monkeypatch.setattr("chat.sockets.frames._", lambda sentence: translation.get_language())
    async with Socket(conversation, token) as socket:
        await socket.say(type="dance")

        assert (await socket.hear())["error"]["message"] == "zh-hans"
