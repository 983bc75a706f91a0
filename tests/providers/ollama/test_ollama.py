import pytest
from fakes.sockets import Answer
from support.model_listener import QUICK

from providers.connections.factory import server_for
from providers.exceptions import ProviderRefused
from providers.ollama import chat
from providers.ollama.chat import context_size
from providers.ollama.server import Ollama, described
from providers.protocols import FoundModel

QWEN = FoundModel("qwen2.5:7b", "chat", context_tokens=32768)
R1 = FoundModel("deepseek-r1:1.5b", "chat", context_tokens=32768, thinks=True)


@pytest.fixture(autouse=True)
def _nothing_is_loaded():
    chat._context_sizes.clear()


@pytest.fixture
def sent(ollama):
    """Return a function that returns the body of the last chat request."""
    return lambda: next(
        request.body for request in reversed(ollama.requests) if request.path == "/api/chat"
    )


def test_the_version_of_the_server_is_returned(ollama_server):
    assert ollama_server.version() == "Ollama 0.12.6"


def test_models_are_found_with_kind_and_capabilities(ollama_server):
    assert ollama_server.found_models() == [
        FoundModel("qwen2.5:7b", "chat", context_tokens=32768),
        FoundModel(
            "deepseek-r1:1.5b", "chat", context_tokens=32768, thinks=True, takes_system_prompt=False
        ),
        FoundModel("nomic-embed-text:latest", "embedding", context_tokens=32768, dimensions=64),
    ]


@pytest.mark.parametrize(
    ("name", "family", "kind"),
    [
        ("all-minilm:latest", "bert", "embedding"),
        ("bge-m3:latest", "bert", "embedding"),
        ("qwen3-embedding:0.6b", "qwen3", "embedding"),
        ("llama3.2:latest", "llama", "chat"),
        ("gemma3:4b", "gemma3", "chat"),
    ],
)
def test_without_capabilities_the_family_and_the_name_determine_the_kind(name, family, kind):
    assert described(name, {"details": {"family": family}}, {}).kind == kind


@pytest.mark.parametrize(
    ("parameters", "window"),
    [("stop  x\nnum_ctx                        256", 256), ("num_ctx 8192", 512), ("", 512)],
)
def test_the_context_of_an_embedding_model_is_limited_by_num_ctx(parameters, window):
    info = {"general.architecture": "bert", "bert.context_length": 512}
    shown = {"capabilities": ["embedding"], "model_info": info, "parameters": parameters}

    assert described("all-minilm:latest", {}, shown).context_tokens == window


@pytest.mark.parametrize(
    "given", ["http://h:1", "http://h:1/", "http://h:1/api", "http://h:1/api/", "http://h:1/v1"]
)
def test_a_trailing_path_of_the_address_is_removed(given):
    assert Ollama.address(given) == "http://h:1"


async def test_a_question_is_answered(ollama_server, listen, sent):
    answer = await listen(
        ollama_server.chat_model("x/q", QWEN), "What is blue?", temperature=0.2, max_tokens=50
    )

    assert answer.text == "You asked: What is blue?"
    assert answer.reasoning == ""
    assert answer.end.finish_reason == "stop"
    assert answer.end.usage["completion_tokens"] > 3
    assert sent()["messages"] == [{"role": "user", "content": "What is blue?"}]
    assert sent()["options"] == {"num_ctx": 4096, "temperature": 0.2, "num_predict": 50}
    assert "think" not in sent()


@pytest.mark.parametrize("think", [True, False])
async def test_a_reasoning_model_gets_the_think_parameter(think, ollama_server, listen, sent):
    answer = await listen(ollama_server.chat_model("x/r", R1), think=think)

    assert bool(answer.reasoning) is think
    assert sent()["think"] is think


@pytest.mark.parametrize(
    ("setting", "asked"),
    [("", None), ("24h", "24h"), ("-1", -1), ("3600", 3600), ("0", 0), ("1h30m", "1h30m")],
)
async def test_keep_alive_follows_the_setting(
    setting, asked, ollama, ollama_server, listen, settings
):
    settings.OLLAMA_KEEP_ALIVE = setting
    embeddings = FoundModel("nomic-embed-text:latest", "embedding", dimensions=64)

    await listen(ollama_server.chat_model("x/q", QWEN))
    ollama_server.embedding_model("x/n", embeddings).embed_query("blue")

    assert [request.body.get("keep_alive") for request in ollama.requests] == [asked, asked]


async def test_a_model_that_refuses_the_thinking_parameter_answers(ollama_server, listen):
    wrong = FoundModel("qwen2.5:7b", "chat", thinks=True)

    assert (await listen(ollama_server.chat_model("x/q", wrong))).text


async def test_the_context_grows_with_the_prompt_and_does_not_shrink(ollama_server, listen, sent):
    model = ollama_server.chat_model("x/q", QWEN)
    sizes = []
    for letters in (10, 20_000, 10, 60_000, 200_000):
        await listen(model, "x" * letters)
        sizes.append(sent()["options"]["num_ctx"])

    assert sizes == [4096, 8192, 8192, 32768, 32768]


async def test_chinese_text_needs_a_larger_context(ollama_server, listen, sent):
    await listen(ollama_server.chat_model("x/q", QWEN), "升" * 20_000)

    assert sent()["options"]["num_ctx"] == 16384


@pytest.mark.parametrize(
    ("tokens", "most", "size"),
    [(1, None, 4096), (4097, None, 8192), (1, 512, 512), (9000, 10_000, 10_000)],
)
def test_the_context_grows_in_steps_up_to_the_model_limit(tokens, most, size):
    assert context_size(tokens, most) == size


async def test_a_prompt_longer_than_estimated_gets_a_larger_context(
    ollama, ollama_server, listen, monkeypatch
):
    usual = ollama._of_model

    def strict(request):
        if request.path == "/api/chat" and request.body["options"]["num_ctx"] < 10_000:
            return Answer(400, {"error": "the input length exceeds the context length"})
        return usual(request)

    monkeypatch.setattr(ollama, "_of_model", strict)

    assert (await listen(ollama_server.chat_model("x/q", QWEN))).text
    small = FoundModel("qwen2.5:7b", "chat", context_tokens=8192)
    chat._context_sizes.clear()
    with pytest.raises(ProviderRefused) as caught:
        await listen(ollama_server.chat_model("x/q", small))
    assert caught.value.code == "provider_too_long"


def test_texts_are_embedded_with_the_prefixes_of_the_family(ollama, ollama_server):
    model = ollama_server.embedding_model(
        "x/n", FoundModel("nomic-embed-text:latest", "embedding", dimensions=64)
    )

    vectors = model.embed_documents(["blue boats", ""])
    asked = model.embed_query("Which boats are blue?")

    assert len(vectors) == 2
    assert len(asked) == model.dimensions == 64
    assert sum(number * number for number in vectors[0]) == pytest.approx(1)
    assert ollama.requests[0].body["input"] == ["search_document: blue boats", "search_document: ."]
    assert ollama.requests[1].body["input"] == ["search_query: Which boats are blue?"]


def test_ollama_has_no_rerankers(ollama_server):
    with pytest.raises(ProviderRefused) as caught:
        ollama_server.rerank_model("x/r", FoundModel("r", "rerank"))

    assert caught.value.code == "provider_cannot"


def test_a_server_of_another_kind_is_not_accepted_as_ollama(deepseek):
    server = server_for("ollama", deepseek.url, deepseek.key, QUICK)

    with pytest.raises(ProviderRefused) as caught:
        server.version()

    assert caught.value.code == "provider_wrong_address"
