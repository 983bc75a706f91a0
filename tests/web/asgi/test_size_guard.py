import errno
import json

import pytest
from django.db import OperationalError
from django.utils import translation

from web.asgi.size_guard import BodyTooLarge, SizeGuard

START = {"type": "http.response.start", "status": 200, "headers": []}


CHUNKED = [(b"transfer-encoding", b"chunked")]


async def serve(app, *bodies, headers=(), path="/api/v1/me/", known=True, trouble=None):
    """Return the messages sent in response to a body that arrives in the pieces `bodies`."""
    pieces = [{"type": "http.request", "body": body, "more_body": True} for body in bodies]
    sent = []

    async def receive():
        return (
            pieces.pop(0) if pieces else {"type": "http.request", "body": b"", "more_body": False}
        )

    async def send(message):
        sent.append(message)

    async def is_known(scope):
        if trouble:
            raise trouble
        return known

    await SizeGuard(app, is_known)(
        {"type": "http", "path": path, "headers": list(headers)}, receive, send
    )
    return sent


async def reads_all(scope, receive, send):
    while (await receive())["more_body"]:
        pass
    await send(START)


async def test_a_body_with_a_too_large_content_length_is_not_read(settings):
    settings.MAX_REQUEST_BYTES = 10
    for length in (b"11", b"9" * 5000):
        sent = await serve(reads_all, headers=[(b"content-length", length)])
        assert sent[0]["status"] == 413
        assert json.loads(sent[1]["body"])["code"] == "too_large"


async def test_a_body_without_a_length_is_counted_while_reading(settings):
    settings.MAX_REQUEST_BYTES = 10

    assert (await serve(reads_all, b"12345", b"12345"))[0]["status"] == 200
    assert (await serve(reads_all, b"12345", b"123456"))[0]["status"] == 413


async def test_only_signed_in_users_may_send_large_documents(settings):
    settings.MAX_REQUEST_BYTES = 10
    documents = {"path": "/w/here/documents/", "headers": CHUNKED}

    taken = await serve(reads_all, b"123456789012", **documents)
    refused = await serve(reads_all, b"123456789012", **documents, known=False)

    assert (taken[0]["status"], refused[0]["status"]) == (200, 401)
    assert json.loads(refused[1]["body"])["code"] == "not_authenticated"


async def test_an_unreachable_database_is_reported_before_the_body_is_read():
    documents = {"path": "/w/here/documents/", "headers": CHUNKED}

    sent = await serve(reads_all, b"1", **documents, trouble=OperationalError("connection refused"))

    assert sent[0]["status"] == 503
    assert json.loads(sent[1]["body"])["code"] == "database_unavailable"


async def test_a_full_disk_answers_507():
    async def full(scope, receive, send):
        raise OSError(errno.ENOSPC, "No space left on device")

    sent = await serve(full)

    assert sent[0]["status"] == 507
    assert json.loads(sent[1]["body"])["code"] == "disk_full"


async def test_a_refusal_is_in_the_browser_language(monkeypatch):
    monkeypatch.setattr(
        "web.asgi.size_guard._", lambda text: f"{text} [{translation.get_language()}]"
    )

    refused = await serve(
        reads_all, headers=[(b"content-length", b"9" * 12), (b"accept-language", b"zh-CN,en;q=0.5")]
    )

    assert json.loads(refused[1]["body"])["detail"].endswith("[zh-hans]")
    assert (b"content-language", b"zh-hans") in refused[0]["headers"]
    assert translation.get_language() == "en"


async def test_no_refusal_follows_a_started_response(settings):
    settings.MAX_REQUEST_BYTES = 1

    async def answers_first(scope, receive, send):
        await send(START)
        await receive()

    with pytest.raises(BodyTooLarge):
        await serve(answers_first, b"12")
