"""OpenAI-compatible models and chat completions, called by the official client over HTTP."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import openai
import pytest

from accounts.services import create_token
from chat.answering import service
from chat.api.serializers import MAX_QUESTION_CHARS
from chat.models import Message

ASKED = [{"role": "user", "content": "How does lift grow with speed?"}]


@pytest.fixture
def token(owner):
    return create_token(user=owner)[1]


@pytest.fixture
def client(live, token):
    with openai.OpenAI(base_url=f"{live}/v1", api_key=token, max_retries=0) as client:
        yield client


@pytest.fixture
def room(conversation):
    """The model name of a workspace that uses the scripted model."""
    return f"workspace/{conversation.workspace.slug}"


class TestOfficialClient:
    def test_workspaces_and_models_are_models(self, client, room):
        listed = client.models.list().data

        assert {room, "builtin/extractive", "builtin/static"} <= {model.id for model in listed}
        assert {model.object for model in listed} == {"model"}

    def test_an_answer_has_its_citations_beside_the_choices(self, client, room, model):
        model.script = ["Lift grows with the square of the speed [1]."]

        completion = client.chat.completions.create(model=room, messages=ASKED)

        (choice,) = completion.choices
        assert completion.object == "chat.completion"
        assert completion.model == room
        assert (choice.message.role, choice.finish_reason) == ("assistant", "stop")
        assert choice.message.content == "Lift grows with the square of the speed [1]."
        assert completion.citations[0]["document"]["name"] == "Wings.pdf"
        assert completion.usage.total_tokens == 10
        assert not Message.objects.exists()

    def test_a_stream_equals_the_whole_completion(self, client, room, model):
        model.script = ["Lift ", 0.1, "grows [", 0.1, "1]."]

        chunks = list(
            client.chat.completions.create(
                model=room, messages=ASKED, stream=True, stream_options={"include_usage": True}
            )
        )

        said = [
            chunk.choices[0].delta.content
            for chunk in chunks
            if chunk.choices and chunk.choices[0].delta.content
        ]
        assert len(said) > 1
        assert "".join(said) == "Lift grows [1]."
        assert chunks[0].choices[0].delta.role == "assistant"
        assert chunks[-2].choices[0].finish_reason == "stop"
        assert chunks[-2].citations[0]["n"] == 1
        assert (chunks[-1].choices, chunks[-1].usage.total_tokens) == ([], 10)
        assert len({chunk.id for chunk in chunks}) == 1

    def test_history_and_instructions_reach_the_model(self, client, room, model):
        history = [
            {"role": "system", "content": "Be brief."},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is "},
                    {"type": "text", "text": "drag?"},
                ],
            },
            {"role": "assistant", "content": "A force [1]."},
            {"role": "tool", "content": "42", "tool_call_id": "x"},
        ]

        client.chat.completions.create(model=room, messages=history + ASKED, temperature=1.5)

        request = model.requests[-1]  # The previous request rewrote the question.
        assert [(turn.role, turn.text) for turn in request.messages[1:3]] == [
            ("user", "What is drag?"),
            ("assistant", "A force."),
        ]
        assert request.messages[0].text.endswith("Be brief.")
        assert request.temperature == 1.5
        assert request.question == ASKED[0]["content"]

    def test_a_model_answers_without_documents(self, client, model, owner):
        model.script = ["No [1] documents."]

        completion = client.chat.completions.create(model="scripted/model", messages=ASKED)

        assert completion.choices[0].message.content == "No [1] documents."
        assert [turn.text for turn in model.requests[0].messages] == [ASKED[0]["content"]]

    @pytest.mark.parametrize(
        "name", ["nowhere/none", "workspace/unknown", "scripted/other", "workspace/", "x"]
    )
    def test_an_unknown_model_is_not_found(self, client, model, name):
        with pytest.raises(openai.NotFoundError) as refused:
            client.chat.completions.create(model=name, messages=ASKED)

        assert refused.value.code == "model_not_found"

    def test_a_foreign_workspace_is_an_unknown_model(self, live, room, stranger, model):
        foreign = openai.OpenAI(
            base_url=f"{live}/v1", api_key=create_token(user=stranger)[1], max_retries=0
        )

        with foreign, pytest.raises(openai.NotFoundError):
            foreign.chat.completions.create(model=room, messages=ASKED)
        assert model.requests == []

    def test_a_wrong_key_raises_an_authentication_error(self, live):
        visitor = openai.OpenAI(base_url=f"{live}/v1", api_key="x", max_retries=0)

        with visitor, pytest.raises(openai.AuthenticationError):
            visitor.models.list()

    def test_a_failed_answer_is_an_error(self, client, room, model):
        model.script = ["Lift", RuntimeError("boom")]

        with pytest.raises(openai.InternalServerError) as failed:
            client.chat.completions.create(model=room, messages=ASKED)

        assert (failed.value.status_code, failed.value.code) == (502, "server_error")

    def test_a_failed_stream_sends_an_error_chunk(self, client, room, model):
        model.script = ["Lift", RuntimeError("boom")]
        stream = client.chat.completions.create(model=room, messages=ASKED, stream=True)
        said = [next(stream).choices[0].delta.content for _chunk in range(2)]

        with pytest.raises(openai.APIError) as failed:
            next(stream)

        assert said == ["", "Lift"]
        assert failed.value.code == "server_error"

    def test_closing_the_stream_ends_the_answer(self, client, room, model):
        model.script = ["Lift", asyncio.Event()]

        with client.chat.completions.create(model=room, messages=ASKED, stream=True) as stream:
            said = next(text for chunk in stream if (text := chunk.choices[0].delta.content))

        assert said == "Lift"
        _until(lambda: model.closed)

    @pytest.mark.parametrize("stream", [False, True])
    def test_a_completion_beyond_the_limit_is_refused(self, client, room, model, settings, stream):
        settings.COMPLETIONS_AT_ONCE = 1
        model.script = ["Lift", asyncio.Event()]
        with client.chat.completions.create(model=room, messages=ASKED, stream=True) as first:
            next(first)

            with pytest.raises(openai.RateLimitError) as refused:
                client.chat.completions.create(model=room, messages=ASKED, stream=stream)

        assert (refused.value.code, refused.value.type) == ("too_many_answers", "rate_limit_error")
        assert refused.value.response.headers["Retry-After"] == "2"
        _until(lambda: not service._unstored)
        model.script = ["Lift grows."]
        assert (
            client.chat.completions.create(model=room, messages=ASKED).choices[0].message.content
            == "Lift grows."
        )

    def test_simultaneous_completions_are_answered_up_to_the_limit(
        self, client, room, model, settings
    ):
        settings.COMPLETIONS_AT_ONCE = 2
        model.script = ["Lift", 0.5, " grows."]

        def ask(_number):
            try:
                pieces = list(
                    client.chat.completions.create(model=room, messages=ASKED, stream=True)
                )
            except openai.APIError as error:
                return error.code
            return pieces[-1].choices[0].finish_reason

        with ThreadPoolExecutor(6) as many:
            ends = sorted(many.map(ask, range(6)))

        assert ends == ["stop"] * 2 + ["too_many_answers"] * 4

    def test_closing_the_plain_request_ends_the_answer(self, live, token, room, model):
        model.script = ["Lift", asyncio.Event()]

        with pytest.raises(httpx.ReadTimeout):
            httpx.post(
                f"{live}/v1/chat/completions",
                json={"model": room, "messages": ASKED},
                headers={"Authorization": f"Bearer {token}"},
                timeout=0.5,
            )

        _until(lambda: model.closed)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"messages": ASKED}, "model"),
        ({"model": 3, "messages": ASKED}, "model"),
        ({"model": "m"}, "messages"),
        ({"model": "m", "messages": []}, "messages"),
        ({"model": "m", "messages": "hello"}, "messages"),
        ({"model": "m", "messages": ["hello"]}, "messages"),
        ({"model": "m", "messages": [{"role": "user"}]}, "messages"),
        ({"model": "m", "messages": [{"role": "wizard", "content": "x"}]}, "messages"),
        ({"model": "m", "messages": [{"role": ["user"], "content": "x"}]}, "messages"),
        ({"model": "m", "messages": [{"role": "user", "content": 3}]}, "messages"),
        (
            {"model": "m", "messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
            "messages",
        ),
        ({"model": "m", "messages": [{"role": "user", "content": [3]}]}, "messages"),
        ({"model": "m", "messages": [{"role": "system", "content": "x"}]}, "messages"),
        ({"model": "m", "messages": ASKED, "temperature": "hot"}, "temperature"),
        ({"model": "m", "messages": ASKED, "temperature": 3}, "temperature"),
        ({"model": "m", "messages": ASKED, "stream": "yes"}, "stream"),
        ({"model": "m", "messages": ASKED, "stream": {}}, "stream"),
        ({"model": "m", "messages": ASKED, "n": 2}, "n"),
        (
            {
                "model": "m",
                "messages": [{"role": "user", "content": "x" * (MAX_QUESTION_CHARS + 1)}],
            },
            "messages",
        ),
    ],
)
def test_an_invalid_member_is_named_in_both_error_formats(call, reader, body, field):
    response = call(reader).post("/v1/chat/completions", body)

    problem = response.json()
    assert (response.status_code, problem["code"]) == (400, "invalid")
    assert problem["errors"] == {field: [problem["detail"]]}
    assert problem["error"]["param"] == field
    assert problem["error"]["message"] == problem["detail"]


@pytest.mark.parametrize(
    "name",
    [
        "workspace/\\ud800",
        "workspace/a\\u0000",
        "\\ud800/x",
        "builtin/\\ud800",
        "/",
        "workspace/" * 99,
    ],
)
def test_an_impossible_name_is_an_unknown_model(call, reader, name):
    body = f'{{"model": "{name}", "messages": [{{"role": "user", "content": "x"}}]}}'

    response = call(reader).generic(
        "POST", "/v1/chat/completions", body, content_type="application/json"
    )

    assert (response.status_code, response.json()["code"]) == (404, "model_not_found")


def _until(condition, seconds=3.0):
    for _try in range(int(seconds / 0.02)):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it did not happen")
