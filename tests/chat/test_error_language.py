"""Errors of an answer are worded in the language of its reader, on pages, in the API and on sockets."""

import json

import httpx
import pytest

from accounts.services import create_token
from chat.models import Message
from providers.http.errors import FaultFactory

ASKED = {"text": "How does lift grow with speed?"}
CHINESE = {"accept-language": "zh-CN"}
BUSY = "模型服务器请求过多。请一分钟后重试。"


@pytest.fixture
def path(conversation):
    return f"/api/v1/conversations/{conversation.pk}/messages/"


@pytest.fixture
def busy(model):
    model.script = ["Lift", FaultFactory("lab:11434").busy()]


def test_accept_language_selects_the_language_of_an_error(call, owner, path, busy):
    answer = call(owner).post(path, ASKED, headers=CHINESE).json()

    assert answer["error"] == {"code": "provider_busy", "message": BUSY}


def test_the_language_of_the_account_applies_to_pages(browse, owner, path, busy):
    owner.language = "zh-hans"
    owner.save()

    answer = (
        browse(owner)
        .post(path, json.dumps(ASKED), "application/json", headers={"accept-language": "en"})
        .json()
    )

    assert answer["error"]["message"] == BUSY


def test_a_server_error_is_worded_in_chinese(call, owner, path, model):
    model.script = ["Lift", RuntimeError("boom")]

    answer = call(owner).post(path, ASKED, headers=CHINESE).json()

    assert answer["error"]["message"] == "出了点问题。已生成的内容已保存，请重试。"


@pytest.mark.django_db(transaction=True)
def test_the_last_event_of_a_stream_is_worded_in_chinese(live, owner, path, busy):
    _token, raw = create_token(user=owner)
    headers = {"authorization": f"Bearer {raw}", "accept": "text/event-stream", **CHINESE}

    said = httpx.post(live + path, json=ASKED, headers=headers, timeout=10).text

    assert BUSY in said
    assert Message.objects.get(role="assistant").error_message == BUSY
