"""The language of pages, API responses, sentences, dates, numbers and sizes."""

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import Client
from django.utils import timezone, translation
from support.factories import make_document

from embedded import terminal_language
from ingestion.models import Document
from ingestion.queue import claims
from providers.check_results import CheckResult
from providers.connections.checks import failure
from providers.http.errors import FaultFactory
from web.languages import language_of

CHINESE = {"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"}
COOKIE = f"{settings.LANGUAGE_COOKIE_NAME}=zh-hans"


@pytest.mark.parametrize(
    ("wanted", "spoken"),
    [
        *(
            (name, "zh-hans")
            for name in (
                "zh",
                "zh-CN",
                "zh-SG",
                "zh-TW",
                "zh-HK",
                "zh-Hans",
                "zh-Hant",
                "zh-Hans-CN",
            )
        ),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-hans"),
        ("de-DE,de;q=0.9,zh;q=0.5", "zh-hans"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("de-DE", "en"),
        ("", "en"),
        ("*;q=x,,;", "en"),
    ],
)
def test_pages_are_in_the_language_of_the_browser(db, admin, wanted: str, spoken: str):
    answer = Client().get("/login/", headers={"accept-language": wanted})

    assert answer["Content-Language"] == spoken
    assert f'<html lang="{spoken}"' in answer.text


def test_the_language_chosen_by_a_visitor_is_remembered(db, admin):
    client = Client()

    chosen = client.post("/language/", {"language": "zh-hans", "next": "/login/?next=/account/"})

    assert chosen["Location"] == "/login/?next=/account/"
    assert "登录" in client.get("/login/").text


def test_the_choice_of_a_language_does_not_redirect_to_a_foreign_site(db):
    answer = Client().post("/language/", {"language": "zh-hans", "next": "https://evil.example/"})

    assert answer["Location"] == "/"


def test_the_language_of_an_account_takes_precedence(browse, reader):
    client = browse(reader)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    reader.language = "en"
    reader.save()

    assert client.get("/account/", headers=CHINESE)["Content-Language"] == "en"


def test_the_choice_of_the_browser_default_removes_the_cookie(browse, reader):
    client = browse(reader)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"

    client.post("/account/", {"name": "Rui", "language": "", "theme": "auto"})

    assert client.get("/account/", headers={"accept-language": "en"})["Content-Language"] == "en"


def test_an_api_answer_is_in_the_requested_language(call, owner):
    refused = call(owner).post("/api/v1/workspaces/", {"name": ""}, headers=CHINESE)

    assert refused.json()["detail"] == "部分字段有误，请查看各字段的错误信息。"
    assert refused.json()["errors"]["name"] == ["该字段不能为空。"]


@pytest.mark.parametrize(
    "headers",
    [[(b"accept-language", b"zh-TW")], [(b"cookie", b"a=b; " + COOKIE.encode())]],
    ids=["browser", "cookie"],
)
def test_a_socket_uses_the_language_of_the_pages(headers):
    assert language_of({"headers": headers}) == "zh-hans"


def test_the_error_of_a_document_is_shown_in_the_reader_language(workspace):
    document = make_document(workspace)
    document.claim = "00000000-0000-0000-0000-000000000001"
    document.status = Document.Status.PROCESSING
    document.save()
    error = FaultFactory("lab:11434").model_missing(
        "bge-m3", nearest=["bge-m3:latest", "bge-large"]
    )
    claims.fail(document, error.code, {"message": error.kept})
    document.refresh_from_db()

    with translation.override("zh-hans"):
        chinese = document.error["message"]

    assert chinese == "模型服务器没有模型“bge-m3”。名称相近的模型：“bge-m3:latest”、“bge-large”。"
    assert document.error["message"].startswith("The model server has no model “bge-m3”.")
    json.dumps(document.error_details)


def test_check_results_are_shown_in_the_reader_language():
    row = json.loads(
        json.dumps(failure(FaultFactory("lab:11434").key_refused(), model="bge-m3").row)
    )

    with translation.override("zh-hans"):
        chinese = CheckResult.read(row).message

    assert chinese == "lab:11434 的模型服务器拒绝了 API 密钥。请在连接中输入有效的密钥。"
    assert row["details"] == {"model": "bge-m3"}


def test_dates_times_and_sizes_follow_the_chinese_locale():
    moment = timezone.make_aware(timezone.datetime(2026, 3, 9, 14, 5))
    template = Template(
        "{% load humanize %}{{ moment|date:'DATE_FORMAT' }}|{{ moment|date:'DATETIME_FORMAT' }}|"
        "{{ size|filesizeformat }}|{{ just|naturaltime }}|{{ earlier|naturaltime }}"
    )
    now = timezone.now()

    with translation.override("zh-hans"):
        said = template.render(
            Context(
                {
                    "moment": moment,
                    "size": 1536,
                    "just": now,
                    "earlier": now - timedelta(minutes=3, seconds=1),
                }
            )
        ).replace("\xa0", " ")

    assert said == "2026年3月9日|2026年3月9日 14:05|1.5 KB|现在|3 分钟前"


@pytest.mark.parametrize(
    ("variables", "spoken"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh-hans"),
        ({"LANG": "zh_TW.UTF-8", "LC_ALL": ""}, "zh-hans"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, ""),
        ({"LANG": "en_GB.UTF-8", "LANGUAGE": "zh_CN:en"}, "zh-hans"),
        ({"LANG": "C.UTF-8"}, ""),
        ({}, ""),
    ],
)
def test_the_language_of_the_terminal_is_read_from_the_environment(
    monkeypatch, variables: dict[str, str], spoken: str
):
    for name in terminal_language.LANGUAGE_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert terminal_language.of_the_terminal() == spoken
