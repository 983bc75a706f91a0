"""Replays recordings byte for byte: small ones of this repository, and those of the real data."""

import json
import re
from pathlib import Path

import pytest
from fakes.replay import RECORDINGS, Replay
from support.model_listener import QUICK, told

from providers.connections.factory import server_for
from providers.protocols import FoundModel

THOUGHT, ANSWER = "The boat 是蓝色.", "It is blue [1]."
BLOCKS = [1 << 16, 7, 1]
# Reasoning, text, and the end or the code of the error.
RECORDED = {
    "crlf.sse": ("", ANSWER, "stop"),
    "deepseek-busy.sse": (THOUGHT, ANSWER, "stop"),
    "deepseek-cut.sse": (THOUGHT, "It", "provider_cut_off"),
    "deepseek-error-in-mid-stream.sse": ("The boat 是", "", "provider_failing"),
    "deepseek-no-capacity.sse": (THOUGHT, "It is", "provider_no_capacity"),
    "deepseek-plain.sse": ("", ANSWER, "stop"),
    "deepseek-thinking.sse": (THOUGHT, ANSWER, "stop"),
    "deepseek-withheld.sse": ("", "It is", "provider_withheld"),
    "in-one-piece.json": (THOUGHT, ANSWER, "stop"),
    "length.sse": ("", ANSWER, "length"),
    "lm-studio-think-tags.sse": (THOUGHT, ANSWER, "stop"),
    "no-done.sse": ("", ANSWER, "stop"),
    "openai-other-protocol.sse": ("", "", "provider_not_understood"),
    "openrouter-reasoning.sse": (THOUGHT, ANSWER, "stop"),
    "usage-after-the-end.sse": ("", ANSWER, "stop"),
    "vllm-error-in-mid-stream.sse": ("", "It is", "provider_failing"),
    "vllm-thought-without-beginning.sse": (THOUGHT, ANSWER, "stop"),
    "ollama-cut.ndjson": ("", "It is blue", "provider_cut_off"),
    "ollama-error-in-mid-stream.ndjson": ("", "It is", "provider_failing"),
    "ollama-length.ndjson": ("", ANSWER, "length"),
    "ollama-plain.ndjson": ("", ANSWER, "stop"),
    "ollama-think-tags.ndjson": (THOUGHT, ANSWER, "stop"),
    "ollama-thinking.ndjson": (THOUGHT, ANSWER, "stop"),
}
USAGE = {"prompt_tokens": 12, "completion_tokens": 7}


async def heard(url: str, recording: Path, name: str = "m") -> tuple[str, str, str]:
    """Return reasoning and text, and the finish reason or the code of the error."""
    kind = "ollama" if recording.suffix == ".ndjson" or "ollama" in recording.parts else "openai"
    model = server_for(kind, url, "", QUICK).chat_model(
        f"x/{name}", FoundModel(name, "chat", thinks=True)
    )
    return await told(model)


def test_every_recording_has_expected_events():
    assert {path.name for path in RECORDINGS.iterdir()} == set(RECORDED)


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("name", RECORDED)
async def test_a_recording_yields_its_expected_events(name, block):
    model = "deepseek-r1-distill" if name.startswith("vllm-thought") else "m"
    with Replay(RECORDINGS / name, block=block) as server:
        thought, said, end = await heard(server.url, RECORDINGS / name, model)

    assert (thought.strip(), said, end) == (RECORDED[name][0].strip(), *RECORDED[name][1:])


@pytest.mark.parametrize(
    "name", ["deepseek-thinking.sse", "usage-after-the-end.sse", "ollama-thinking.ndjson"]
)
async def test_the_usage_is_that_of_the_server(name, listen):
    kind = "ollama" if name.startswith("ollama") else "openai"
    with Replay(RECORDINGS / name) as server:
        model = server_for(kind, server.url, "", QUICK).chat_model("x/m", FoundModel("m", "chat"))
        answer = await listen(model)

    assert USAGE.items() <= answer.end.usage.items()


@pytest.mark.parametrize("name", ["deepseek-thinking.sse", "ollama-plain.ndjson"])
async def test_a_connection_cut_after_the_end_does_not_fail_the_answer(name):
    with Replay(RECORDINGS / name, cut=True) as server:
        assert (await heard(server.url, RECORDINGS / name))[2] == "stop"


@pytest.mark.data
async def test_real_recordings_end_in_an_answer_or_in_an_error(real_data):
    outcomes = {}
    for path in real_streams(real_data / "protocols"):
        with Replay(path, block=1000) as server:
            outcomes[path] = await heard(server.url, path)

    assert len(outcomes) > 20
    for path, (thought, said, end) in outcomes.items():
        wanted_thought, wanted = written(path)
        if path.parent.name == "derived":
            assert end == DERIVED.get(path.name, "stop"), path
            assert wanted.startswith(said), path
        elif spoken_by_chat_completions(path):
            assert (thought, said) == (wanted_thought, wanted), path
            assert end in {"stop", "length", "tool_calls"}, path
        else:
            assert end in {"provider_not_understood", "provider_cut_off"}, path


DERIVED = {
    "connection_cut_mid_event.sse": "provider_cut_off",
    "error_object_mid_stream.sse": "provider_failing",
    "finish_insufficient_system_resource.sse": "provider_no_capacity",
    "finish_length.sse": "length",
    "nonstream_leading_blank_lines.json": "length",
    "cut_mid_line.ndjson": "provider_cut_off",
    "error_line_mid_stream.ndjson": "provider_failing",
}


@pytest.mark.data
async def test_real_errors_have_different_codes(real_data):
    wanted = {
        "auth_error": (401, "provider_key_refused"),
        "context_length": (400, "provider_too_long"),
    }
    found = list((real_data / "protocols").rglob("*error*.response.json"))
    assert len(found) >= 4
    for path in found:
        status, code = next(pair for part, pair in wanted.items() if part in path.name)
        with Replay(path, status=status) as server:
            assert (await heard(server.url, path))[2] == code, path


def real_streams(folder: Path) -> list[Path]:
    """Return all streamed and whole answers, without errors and vectors."""
    found = [*folder.rglob("*.sse"), *folder.rglob("*.ndjson"), *folder.rglob("*.json")]
    return [path for path in found if not re.search(r"request|error_|error\.|context_length|embedding", path.name)
            or path.name.startswith("error_")]  # fmt: skip


def parts(path: Path) -> list[dict]:
    """Return the complete JSON objects of a recording."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return [json.loads(text)]
    whole = []
    for line in re.split(r"\r?\n", text):
        try:
            whole.append(json.loads(line.removeprefix("data:").strip()))
        except ValueError:
            continue
    return whole


def spoken_by_chat_completions(path: Path) -> bool:
    """Whether a recording is of chat completions."""
    first = parts(path)[-1]
    if "ollama" in path.parts:
        return path.suffix == ".ndjson"
    return str(first.get("object", "")).startswith("chat.completion")


def written(path: Path) -> tuple[str, str]:
    """Return the reasoning and the text of a recording, by a simple reader."""
    thought, said = "", ""
    for part in parts(path):
        for choice in part.get("choices") or [part]:
            message = choice.get("delta") or choice.get("message") or {}
            if isinstance(message, dict):
                thought += message.get("reasoning_content") or ""
                said += message.get("content") or ""
    return thought, said
