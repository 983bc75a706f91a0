"""The REST API of questions: plain responses, event streams, refusals and stops."""

import asyncio
import json
import time

import httpx
import pytest
from django.db import connection

from accounts.services import create_token
from chat.api import sse
from chat.models import Message

ASKED = {"text": "How does lift grow with speed?"}


@pytest.fixture
def path(conversation):
    return f"/api/v1/conversations/{conversation.pk}/messages/"


class TestAsking:
    def test_the_response_is_the_final_message(self, call, owner, path, model):
        model.script = ["Lift grows [1]."]

        response = call(owner).post(path, ASKED)

        assert response.status_code == 200
        answer = response.json()
        assert (answer["role"], answer["status"], answer["text"]) == (
            "assistant",
            "done",
            "Lift grows [1].",
        )
        assert answer["citations"][0]["document"]["name"] == "Wings.pdf"
        listed = call(owner).get(path).json()["results"]
        assert [message["role"] for message in listed] == ["user", "assistant"]
        assert listed[1] == answer
        assert listed[0]["text"] == ASKED["text"]

    def test_a_failed_answer_is_returned_as_a_message(self, call, owner, path, model):
        model.script = ["Lift", RuntimeError("boom")]

        response = call(owner).post(path, ASKED)

        assert response.status_code == 200
        assert (response.json()["status"], response.json()["text"]) == ("failed", "Lift")
        assert response.json()["error"]["code"] == "server_error"

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ("", "parse_error"),
            ("{", "parse_error"),
            ("[]", "parse_error"),
            ("[" * 100_000, "parse_error"),
            ('{"text": NaN}', "parse_error"),
            ("\xff", "parse_error"),
            ("{}", "invalid"),
            ('{"text": " "}', "invalid"),
            ('{"text": 3}', "invalid"),
            ('{"text": "a\\u0000"}', "invalid"),
            ('{"text": "x", "parent": []}', "invalid"),
            ('{"text": "x", "model": "no/such"}', "unknown_model"),
        ],
        ids=lambda value: value[:20],
    )
    def test_an_invalid_question_is_a_problem_and_not_stored(
        self, call, owner, path, model, body, code
    ):
        response = call(owner).generic("POST", path, body, content_type="application/json")

        assert response.status_code == 400
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["code"] == code
        assert response.json()["detail"]
        assert not Message.objects.exists()

    def test_wrong_fields_are_named(self, call, owner, path):
        assert list(call(owner).post(path, {"text": "", "parent": "x"}).json()["errors"]) == [
            "text",
            "parent",
        ]

    def test_a_foreign_parent_is_not_found(self, call, owner, path, model):
        response = call(owner).post(
            path, {**ASKED, "parent": "0192aaaa-0000-7000-8000-000000000000"}
        )

        assert (response.status_code, response.json()["code"]) == (404, "not_found")

    def test_a_form_body_is_refused(self, call, owner, path):
        assert call(owner).post(path, ASKED, format="multipart").json()["code"] == "parse_error"

    def test_a_session_cookie_needs_a_csrf_token(self, owner, path, model):
        from django.test import Client

        client = Client(enforce_csrf_checks=True)
        client.force_login(owner)

        refused = client.post(path, ASKED, content_type="application/json")
        client.get("/")
        allowed = client.post(
            path,
            ASKED,
            content_type="application/json",
            headers={"X-CSRFToken": _csrf_token(client)},
        )

        assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
        assert allowed.status_code == 200

    def test_an_invalid_token_and_a_missing_token_have_different_errors(self, path):
        from django.test import Client

        none = Client().post(path, ASKED, content_type="application/json")
        wrong = Client().post(
            path, ASKED, content_type="application/json", headers={"Authorization": "Bearer x"}
        )

        assert (none.status_code, none.json()["code"]) == (401, "not_authenticated")
        assert (wrong.status_code, wrong.json()["code"]) == (401, "bad_token")
        assert wrong["WWW-Authenticate"].startswith("Bearer")

    def test_conversations_of_other_people_are_not_found(self, call, reader, stranger, admin, path):
        for user in (reader, stranger, admin):
            assert call(user).post(path, ASKED).status_code == 404
            assert call(user).get(path).status_code == 404

    def test_an_unsupported_method_is_refused(self, call, owner, conversation, path):
        assert call(owner).put(path, {}).status_code == 405
        refused = call(owner).get(f"/api/v1/conversations/{conversation.pk}/stop/")
        assert (refused.status_code, refused.json()["code"], refused["Allow"]) == (
            405,
            "method_not_allowed",
            "POST",
        )


def _csrf_token(client):
    from django.conf import settings
    from django.middleware.csrf import get_token
    from django.test import RequestFactory

    request = RequestFactory().get("/")
    token = get_token(request)
    client.cookies[settings.CSRF_COOKIE_NAME] = request.META["CSRF_COOKIE"]
    return token


class TestStreaming:
    """Requests to a real server, since only its clients can disconnect."""

    @pytest.fixture
    def headers(self, owner):
        return {
            "Authorization": f"Bearer {create_token(user=owner)[1]}",
            "Accept": "text/event-stream",
        }

    def test_events_arrive_while_the_answer_is_written(self, live, path, headers, model):
        model.script = ["Lift ", 0.2, "grows [1]."]

        with httpx.stream("POST", live + path, json=ASKED, headers=headers) as response:
            frames = [
                frame.splitlines() for frame in "".join(response.iter_text()).split("\n\n") if frame
            ]

        events = [json.loads(frame[2].removeprefix("data: ")) for frame in frames]
        assert response.headers["Content-Type"].startswith("text/event-stream")
        assert response.headers["Cache-Control"] == "no-cache, no-transform"
        assert response.headers["X-Accel-Buffering"] == "no"
        assert [frame[0] for frame in frames] == [f"event: {event['type']}" for event in events]
        assert [frame[1] for frame in frames] == [f"id: {event['seq']}" for event in events]
        assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
        assert (events[-1]["type"], events[-1]["text"]) == ("message.done", "Lift grows [1].")

    def test_closing_the_event_stream_does_not_end_the_answer(self, live, path, headers, model):
        model.script = ["Lift ", 0.5, "grows."]

        with httpx.stream("POST", live + path, json=ASKED, headers=headers) as response:
            next(response.iter_text())

        assert _final().text == "Lift grows."

    def test_closing_the_plain_request_does_not_end_the_answer(self, live, path, headers, model):
        model.script = ["Lift ", 0.7, "grows."]

        with pytest.raises(httpx.ReadTimeout):
            httpx.post(
                live + path,
                json=ASKED,
                headers={**headers, "Accept": "application/json"},
                timeout=0.4,
            )

        assert _final().text == "Lift grows."

    def test_stop_ends_the_stream(self, live, path, headers, model):
        model.script = ["Lift", asyncio.Event()]

        with httpx.stream("POST", live + path, json=ASKED, headers=headers) as response:
            lines = response.iter_lines()
            while not next(lines).startswith("event: answer.delta"):
                pass
            stopped = httpx.post(live + path.replace("messages/", "stop/"), headers=headers)
            rest = list(lines)

        assert len(stopped.json()["stopped"]) == 1
        assert "event: message.done" in rest
        assert (_final().status, _final().text) == ("stopped", "Lift")

    def test_a_silent_stream_sends_keepalive_comments(
        self, live, path, headers, model, monkeypatch
    ):
        monkeypatch.setattr(sse, "KEEPALIVE_SECONDS", 0.1)
        model.script = ["Lift", 0.5]

        with httpx.stream("POST", live + path, json=ASKED, headers=headers) as response:
            text = "".join(response.iter_text())

        assert ": alive\n\n" in text

    def test_a_stream_of_a_session_holds_no_database_connection(
        self, live, path, conversation, browse, owner, model
    ):
        model.script = ["Lift", 2.0]
        client = browse(owner)
        token = _csrf_token(client)
        cookies = {name: morsel.value for name, morsel in client.cookies.items()}

        with httpx.stream(
            "POST",
            live + path,
            json=ASKED,
            cookies=cookies,
            headers={"X-CSRFToken": token, "Accept": "text/event-stream"},
        ) as response:
            lines = response.iter_lines()
            while not next(lines).startswith("event: answer.delta"):
                pass
            # A save takes a connection for a moment. The connection that is always open belongs to
            # the test.
            held = min(_connections() for _look in range(20))

        assert held == 1


def _connections():
    time.sleep(0.05)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return cursor.fetchone()[0]


def _final(seconds=5.0):
    for _try in range(int(seconds / 0.05)):
        answer = Message.objects.filter(role="assistant").first()
        if answer and answer.status != "streaming":
            return answer
        time.sleep(0.05)
    raise AssertionError("the answer never ended")
