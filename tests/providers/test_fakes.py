"""The responses of the fakes have the keys of recorded responses."""

import json
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from fakes import models, servers

PASSAGES = """<passages>
<passage number="3" document="boats.pdf">
Boats are made of wood. The blue boat lies in the harbour.
</passage>
<passage number="5" document="bread.pdf">
Bread is baked from flour.
</passage>
</passages>

Question: Where does the blue boat lie?"""


def objects(content: bytes) -> list[dict]:
    lines = [line.removeprefix(b"data: ") for line in content.splitlines() if line.strip()]
    return [json.loads(line) for line in lines if line.startswith(b"{")]


def paths(thing: object, where: str = "") -> set[str]:
    """Return the keys of an object and of all nested objects."""
    if isinstance(thing, dict):
        return {f"{where}.{key}" for key in thing} | {
            p for key, v in thing.items() for p in paths(v, f"{where}.{key}")
        }
    return {p for value in thing for p in paths(value, where)} if isinstance(thing, list) else set()


def ask(url: str, body: dict) -> list[dict]:
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Authorization": "Bearer sk-the-right-one"}
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        return objects(answer.read())


@pytest.mark.data
def test_frames_of_the_fake_deepseek_have_the_keys_of_recordings(real_data, deepseek):
    real = objects(
        (real_data / "protocols/deepseek/vercel-ai/deepseek-reasoning.rebuilt.sse").read_bytes()
    )
    fake = ask(
        f"{deepseek.url}/v1/chat/completions",
        {"model": "deepseek-reasoner", "messages": [{"role": "user", "content": "Why?"}]},
    )

    assert [set().union(*map(paths, part)) for part in ([real[0]], real[1:-1], [real[-1]])] == [
        set().union(*map(paths, part)) for part in ([fake[0]], fake[1:-1], [fake[-1]])
    ]


@pytest.mark.data
def test_lines_of_the_fake_ollama_have_the_keys_of_recordings(real_data, ollama):
    real = objects(
        (real_data / "protocols/ollama/derived/cut_mid_line.ndjson")
        .read_bytes()
        .rpartition(b"\n")[0]
    )
    whole = json.loads(
        (real_data / "protocols/ollama/native-recorded/langchainrb_chat.json").read_bytes()
    )
    fake = ask(
        f"{ollama.url}/api/chat",
        {"model": "qwen2.5:7b", "messages": [{"role": "user", "content": "Why?"}]},
    )

    assert paths(fake[0]) == paths(real[0])
    assert paths(fake[-1]) == paths(whole) | {".done_reason"}


@pytest.mark.data
def test_vectors_and_errors_of_fakes_have_the_keys_of_recordings(real_data, deepseek):
    real = json.loads((real_data / "protocols/openai/vercel-ai/openai-embedding.json").read_bytes())
    fake = ask(f"{deepseek.url}/v1/embeddings", {"model": "bge-m3", "input": ["a", "b"]})
    folder = real_data / "protocols/deepseek/ruby_llm"
    error = json.loads(next(folder.glob("*auth_error.response.json")).read_bytes())

    assert paths(fake) == paths(real)
    assert paths(deepseek.refusal(401, None).body) == paths(error)


@pytest.mark.parametrize(
    "name", ["deepseek-thinking.sse", "deepseek-plain.sse", "ollama-thinking.ndjson"]
)
def test_recordings_have_the_keys_of_fakes(name, ollama, deepseek):
    recorded = objects((Path(servers.__file__).parent / "recordings" / name).read_bytes())
    messages = [{"role": "user", "content": "Why?"}]
    if name.startswith("ollama"):
        fake = ask(
            f"{ollama.url}/api/chat",
            {"model": "deepseek-r1:1.5b", "messages": messages, "think": True},
        )
    else:
        thinking = {"type": "enabled" if "thinking" in name else "disabled"}
        body = {"model": "deepseek-v4-pro", "messages": messages, "thinking": thinking}
        fake = ask(f"{deepseek.url}/v1/chat/completions", body)

    assert paths(recorded) <= paths(fake)


def test_a_fake_model_quotes_the_passages_and_cites_them():
    answer = models.reply([{"role": "user", "content": PASSAGES}])

    assert answer.startswith("The blue boat lies in the harbour. [3]")
    assert "".join(models.pieces(answer)) == answer


def test_a_fake_model_answers_in_chinese():
    passage = (
        '<passages>\n<passage number="1">\n面包很好。船是蓝色的。\n</passage>\n</passages>\n\n'
        "问题：船是什么颜色？"
    )

    assert models.reply([{"role": "user", "content": passage}]) == "船是蓝色的。 [1]"


def test_a_fake_streams_at_its_configured_rate(ollama):
    ollama.rate = 100
    body = {
        "model": "qwen2.5:7b",
        "messages": [{"role": "user", "content": "a b c d e f g h i j k l m n o p"}],
    }
    began = time.monotonic()

    lines = ask(f"{ollama.url}/api/chat", body)

    assert time.monotonic() - began > 0.8 * len(lines) / 100


def test_a_fake_runs_as_a_program():
    program = [
        sys.executable,
        servers.__file__,
        "deepseek",
        "--key",
        "sk-the-right-one",
        "--rate",
        "0",
    ]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = re.match(r"http://127.0.0.1:\d+", process.stdout.readline())[0]
            assert ask(
                f"{url}/v1/rerank",
                {"model": "bge-reranker-v2-m3", "query": "a", "documents": ["a", "b"]},
            )
        finally:
            process.terminate()
