import pytest

from providers.model_names import (
    begins_thinking,
    kind_of,
    nearest_names,
    of_deepseek,
    takes_system_prompt,
)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("deepseek-v4-pro", "chat"),
        ("Qwen/Qwen3-32B", "chat"),
        ("gpt-5-nano", "chat"),
        ("text-embedding-3-small", "embedding"),
        ("BAAI/bge-m3", "embedding"),
        ("intfloat/e5-large", "embedding"),
        ("thenlper/gte-large", "embedding"),
        ("netease-youdao/bce-embedding-base_v1", "embedding"),
        ("BAAI/bge-reranker-v2-m3", "rerank"),
        ("jina-reranker-v2", "rerank"),
        ("whisper-1", None),
        ("tts-1-hd", None),
        ("dall-e-3", None),
        ("black-forest-labs/FLUX.1-dev", None),
    ],
)
def test_the_kind_of_a_model_follows_from_its_name(name, kind):
    assert kind_of(name) == kind


@pytest.mark.parametrize(
    "name",
    [
        "deepseek-r1:7b",
        "deepseek-ai/DeepSeek-R1",
        "deepseek-r1-distill-qwen-32b",
        "x/DeepSeek-R1-0528",
    ],
)
def test_r1_and_its_distillations_take_no_system_prompt(name):
    assert not takes_system_prompt(name)
    assert begins_thinking(name)


@pytest.mark.parametrize(
    "name", ["deepseek-v4-flash", "qwen2.5:7b", "r1xyz", "mistral-large", "gemma3:1b"]
)
def test_other_models_take_a_system_prompt(name):
    assert takes_system_prompt(name)
    assert not begins_thinking(name)


@pytest.mark.parametrize("name", ["qwq:32b", "Qwen/Qwen3-30B-A3B-Thinking-2507"])
def test_models_whose_template_opens_the_thought_are_known(name):
    assert begins_thinking(name)


def test_deepseek_is_recognized_by_model_name_and_by_host():
    assert of_deepseek("deepseek-reasoner", "127.0.0.1:1")
    assert of_deepseek("anything", "api.deepseek.com")
    assert not of_deepseek("deepseek-ai/DeepSeek-V3.1", "api.siliconflow.cn")
    assert not of_deepseek("deepseek-r1:7b", "localhost:11434")


@pytest.mark.parametrize(
    ("wanted", "nearest"),
    [
        ("qwen2.5:14b", "qwen2.5:7b"),
        ("Llama3.2", "llama3.2:latest"),
        ("deepseek-chta", "deepseek-chat"),
        ("BAAI/bge-m3", "bge-m3"),
    ],
)
def test_similar_names_are_found(wanted, nearest):
    assert (
        nearest_names(wanted, ["qwen2.5:7b", "llama3.2:latest", "deepseek-chat", "bge-m3"])[0]
        == nearest
    )


def test_an_unrelated_name_has_no_similar_names():
    assert nearest_names("zzz", ["qwen2.5:7b", "bge-m3"]) == []
