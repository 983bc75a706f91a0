import re

import pytest
from fakes.servers import fake_ollama
from fakes.sockets import Answer
from support.model_listener import QUICK

from providers.connections.factory import server_for
from providers.exceptions import ProviderRefused
from providers.http import chat_stream
from providers.openai_compatible import rerank
from providers.openai_compatible.server import OpenAICompatible, described
from providers.protocols import FoundModel

V4 = FoundModel("deepseek-v4-flash", "chat", thinks=True)


@pytest.fixture(autouse=True)
def _nothing_is_known_of_refusals():
    chat_stream._without_system_role.clear()
    rerank._refused_parameters.clear()


@pytest.fixture
def refusing(deepseek, monkeypatch):
    """Return a function that makes the fake refuse requests with an error while `wrong` is true."""

    def refusing(wrong, message: str, status: int = 400) -> None:
        usual = deepseek._of_model

        def strict(call, body):
            return (
                Answer(status, {"error": {"message": message}})
                if wrong(body)
                else usual(call, body)
            )

        monkeypatch.setattr(deepseek, "_of_model", strict)

    return refusing


def test_the_names_of_models_determine_their_kinds(deepseek_server):
    assert deepseek_server.version() == ""
    assert {(model.name, model.kind, model.thinks) for model in deepseek_server.found_models()} == {
        ("deepseek-v4-flash", "chat", True),
        ("deepseek-v4-pro", "chat", True),
        ("deepseek-reasoner", "chat", True),
        ("bge-m3", "embedding", False),
        ("bge-reranker-v2-m3", "rerank", False),
    }


@pytest.mark.parametrize("member", ["max_model_len", "context_length", "context_window"])
def test_the_context_is_read_from_the_list_of_models(member):
    assert described({"id": "Qwen/Qwen3-8B", member: 40960}, "h").context_tokens == 40960


def test_models_for_images_and_speech_are_omitted():
    assert described({"id": "openai/whisper-large-v3"}, "h") is None


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("https://api.deepseek.com", "https://api.deepseek.com/v1"),
        ("https://api.deepseek.com/v1/", "https://api.deepseek.com/v1"),
        ("http://localhost:1234/v1", "http://localhost:1234/v1"),
        ("http://localhost:8000/v1/chat/completions", "http://localhost:8000/v1"),
        ("https://open.bigmodel.cn/api/paas/v4", "https://open.bigmodel.cn/api/paas/v4"),
        ("https://example.org/v1beta/openai/", "https://example.org/v1beta/openai"),
        ("https://openrouter.ai/api", "https://openrouter.ai/api/v1"),
    ],
)
def test_an_address_gets_its_version(given, address):
    assert OpenAICompatible.address(given) == address


async def test_an_answer_has_its_reasoning_in_separate_events(deepseek, deepseek_server, listen):
    answer = await listen(
        deepseek_server.chat_model("x/d", V4), "What is blue?", temperature=0.2, max_tokens=50
    )

    assert answer.text == "You asked: What is blue?"
    assert answer.reasoning.startswith("Let me look")
    assert answer.end.usage["reasoning_tokens"] > 3
    body = deepseek.requests[-1].body
    assert body["stream_options"] == {"include_usage": True}
    assert (body["temperature"], body["max_tokens"]) == (0.2, 50)
    assert "thinking" not in body
    assert deepseek.requests[-1].headers["authorization"] == f"Bearer {deepseek.key}"


async def test_deepseek_gets_the_parameter_that_disables_thinking(
    deepseek, deepseek_server, listen
):
    answer = await listen(deepseek_server.chat_model("x/d", V4), think=False)

    assert answer.reasoning == ""
    assert deepseek.requests[-1].body["thinking"] == {"type": "disabled"}


async def test_other_servers_get_no_thinking_parameter(deepseek, deepseek_server, listen):
    await listen(
        deepseek_server.chat_model("x/d", FoundModel("deepseek-v4-flash", "chat")), think=False
    )

    assert "thinking" not in deepseek.requests[-1].body


@pytest.mark.parametrize("name", ["stream_options", "temperature", "thinking", "max_tokens"])
async def test_a_refused_parameter_is_omitted(name, deepseek, deepseek_server, refusing, listen):
    refusing(
        lambda body: name in body,
        f"Unsupported parameter: '{name}' is not supported with this model.",
    )

    answer = await listen(
        deepseek_server.chat_model("x/d", V4), think=False, temperature=0, max_tokens=9
    )

    assert answer.text
    assert name not in deepseek.requests[-1].body


async def test_max_tokens_is_renamed_if_the_server_requires_another_name(
    deepseek, deepseek_server, refusing, listen
):
    said = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    refusing(lambda body: "max_tokens" in body, said)

    await listen(deepseek_server.chat_model("x/d", V4), max_tokens=9)

    assert deepseek.requests[-1].body["max_completion_tokens"] == 9


SYSTEM_ROLE_REFUSALS = [
    (400, "System role not supported"),
    (400, "Conversation roles must alternate user/assistant/user/assistant/..."),
    (
        400,
        "After the optional system message, conversation roles must alternate user/assistant/user/assistant/...",
    ),
    (
        500,
        "Jinja Exception: Conversation roles must alternate user/assistant/user/assistant/... at row 1, column 2",
    ),
    (
        500,
        "Value is not callable: null at row 1, column 72: Jinja Exception: System role not supported",
    ),
    (400, "Only user and assistant roles are supported!"),
    (
        400,
        "Only user, assistant and tool roles are supported, with the exception of an initial optional prompt!",
    ),
    (400, "Invalid role: system"),
    (422, "messages.0.role: Input should be 'user' or 'assistant', not 'system'"),
    (400, "Unsupported value: 'messages[0].role' does not support 'system' with this model."),
    (400, "Developer instruction is not enabled for models/gemma-3-27b-it"),
]


@pytest.mark.parametrize(("status", "words"), SYSTEM_ROLE_REFUSALS)
async def test_a_refused_system_message_is_merged_into_the_question(
    status, words, deepseek, deepseek_server, refusing, listen, said
):
    refusing(lambda body: body["messages"][0]["role"] == "system", words, status)
    asked = [
        said("Be short.", "system"),
        said("What is red?"),
        said("Blood.", "assistant"),
        said("What is blue?"),
    ]

    answer = await listen(deepseek_server.chat_model("x/d", V4), *asked)

    assert answer.text
    assert [message["role"] for message in deepseek.requests[-1].body["messages"]] == [
        "user",
        "assistant",
        "user",
    ]
    assert deepseek.requests[-1].body["messages"][-1]["content"] == "Be short.\n\nWhat is blue?"


async def test_a_model_refuses_a_system_message_only_once(
    deepseek, deepseek_server, refusing, listen, said
):
    refusing(
        lambda body: body["messages"][0]["role"] == "system",
        "Only user and assistant roles are supported!",
    )

    for _time in range(3):
        await listen(
            deepseek_server.chat_model("x/d", V4),
            said("Be short.", "system"),
            said("What is blue?"),
        )

    assert len(deepseek.requests) == 4


@pytest.mark.parametrize(("status", "words"), SYSTEM_ROLE_REFUSALS[:2])
async def test_a_refusal_without_a_system_message_is_not_repeated(
    status, words, deepseek, deepseek_server, refusing, listen, said
):
    refusing(lambda _body: True, words, status)

    with pytest.raises(ProviderRefused, match=re.escape(words[:20])):
        await listen(
            deepseek_server.chat_model("x/d", V4),
            said("Be short.", "system"),
            said("What is blue?"),
        )

    assert len(deepseek.requests) == 2


async def test_the_error_of_a_wrong_key_does_not_contain_the_key(deepseek, listen):
    model = server_for("openai", deepseek.url, "sk-wrong-and-secret", QUICK).chat_model("x/d", V4)

    with pytest.raises(ProviderRefused) as caught:
        await listen(model)

    assert caught.value.code == "provider_key_refused"
    assert "secret" not in str(caught.value)
    assert len(deepseek.requests) == 1


def test_texts_are_embedded_in_batches(deepseek, deepseek_server):
    model = deepseek_server.embedding_model("x/e", FoundModel("bge-m3", "embedding"))

    vectors = model.embed_documents([f"boat {number}" for number in range(70)])

    assert len(vectors) == 70
    assert model.dimensions == 64
    assert [len(request.body["input"]) for request in deepseek.requests] == [32, 32, 6, 1]


def test_vectors_are_returned_in_the_order_of_the_texts(deepseek, deepseek_server, monkeypatch):
    rows = [{"index": 1, "embedding": [0, 2]}, {"index": 0, "embedding": [3, 0]}]
    monkeypatch.setattr(deepseek, "_of_model", lambda _call, _body: Answer(body={"data": rows}))
    model = deepseek_server.embedding_model("x/e", FoundModel("bge-m3", "embedding"))

    assert model.embed_documents(["a", "b"]) == [[1, 0], [0, 1]]


def test_scores_are_returned_in_the_order_of_the_texts(deepseek, deepseek_server):
    model = deepseek_server.rerank_model("x/r", FoundModel("bge-reranker-v2-m3", "rerank"))

    scores = model.rerank("blue boats", ["bread", "blue boats", "a blue sky", ""])

    assert sorted(range(4), key=lambda at: -scores[at])[:2] == [1, 2]
    assert deepseek.requests[-1].body["return_documents"] is False
    assert model.rerank("blue", []) == []


@pytest.mark.parametrize(
    ("refused", "words"),
    [
        (["top_n"], "Unsupported parameter: 'top_n'"),
        (["return_documents"], "return_documents: Extra inputs are not permitted"),
        (
            ["top_n", "return_documents"],
            "unknown field `top_n`, expected one of `query`, `documents`",
        ),
        (["top_n", "return_documents"], "Extra inputs are not permitted"),
    ],
)
def test_a_refused_parameter_of_a_reranker_is_omitted(
    refused, words, deepseek, deepseek_server, refusing
):
    refusing(lambda body: "query" in body and any(name in body for name in refused), words, 422)
    reranker = FoundModel("bge-reranker-v2-m3", "rerank")

    scores = deepseek_server.rerank_model("x/r", reranker).rerank(
        "blue boats", ["bread", "blue boats"]
    )
    asked = len(deepseek.requests)
    deepseek_server.rerank_model("x/r", reranker).rerank("blue boats", ["bread", "blue boats"])

    assert scores[1] > scores[0]
    assert not set(refused) & deepseek.requests[-1].body.keys()
    assert len(deepseek.requests) == asked + 1


def test_a_reranker_that_refuses_every_request_raises_its_error(
    deepseek, deepseek_server, refusing
):
    refusing(lambda _body: True, "top_n and return_documents and all else", 400)

    with pytest.raises(ProviderRefused, match="all else"):
        deepseek_server.rerank_model("x/r", FoundModel("bge-reranker-v2-m3", "rerank")).rerank(
            "blue", ["bread"]
        )

    assert len(deepseek.requests) == 2


def test_texts_too_long_for_a_reranker_are_shortened(deepseek_server, refusing):
    refusing(
        lambda body: max(map(len, body["documents"])) > 1000,
        "input is too long for this model",
        413,
    )
    model = deepseek_server.rerank_model("x/r", FoundModel("bge-reranker-v2-m3", "rerank"))

    assert len(model.rerank("blue", ["blue " * 1000, "red"])) == 2


@pytest.mark.parametrize(
    "answer", [{}, {"results": []}, {"results": [{"index": 0}]}, {"results": "x"}, []]
)
def test_an_invalid_ranking_is_an_invalid_response(answer, deepseek, deepseek_server, monkeypatch):
    monkeypatch.setattr(deepseek, "_of_model", lambda _call, _body: Answer(body=answer))

    with pytest.raises(ProviderRefused) as caught:
        deepseek_server.rerank_model("x/r", FoundModel("bge-reranker-v2-m3", "rerank")).rerank(
            "a", ["b"]
        )

    assert caught.value.code == "provider_not_understood"


def test_ollama_is_not_accepted_as_openai_compatible():
    with fake_ollama() as ollama, pytest.raises(ProviderRefused) as caught:
        server_for("openai", ollama.url, "", QUICK).found_models()

    assert caught.value.code == "provider_wrong_address"
