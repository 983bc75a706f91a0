"""A fake Ollama and a fake DeepSeek, for tests, for measuring, and to try things by hand.

    with fake_ollama() as server:
        server.url, server.requests, server.fault = "cut"

    python tests/fakes/servers.py ollama --port 11434        python tests/fakes/servers.py deepseek --key sk-right

The fake DeepSeek speaks for all OpenAI-compatible servers: it also embeds and reranks. Frames have
the keys of the recorded ones; a test holds them to that.
"""

import argparse
import json
import sys
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fakes import models
from fakes.sockets import Answer, FakeServer, Request

CONTEXT = 32768
OLLAMA_MODELS = {
    "qwen2.5:7b": ["completion", "tools"],
    "deepseek-r1:1.5b": ["completion", "thinking"],
    "nomic-embed-text:latest": ["embedding"],
}
DEEPSEEK_MODELS = [
    "deepseek-v4-flash",
    "deepseek-v4-pro",
    "deepseek-reasoner",
    "bge-m3",
    "bge-reranker-v2-m3",
]
SAID = {
    400: ("Invalid request", "invalid_request_error"),
    401: ("Authentication Fails, Your api key: ****-key is invalid", "authentication_error"),
    402: ("Insufficient Balance", "unknown_error"),
    404: ("Model Not Exist", "invalid_request_error"),
    422: ("Failed to deserialize the JSON body", "invalid_request_error"),
    429: ("Rate limit reached", "rate_limit_reached_error"),
    500: ("Internal Server Error", "server_error"),
    503: ("Service is too busy", "service_unavailable_error"),
}


class FakeOllama(FakeServer):
    """Speaks Ollama's own API."""

    async def answer(self, request: Request) -> Answer:
        match request.path:
            case "/api/version":
                return Answer(body={"version": "0.12.6"})
            case "/api/tags":
                return Answer(body={"models": [_tag(name) for name in OLLAMA_MODELS]})
            case "/api/show" | "/api/chat" | "/api/embed":
                return self._of_model(request)
        return Answer(404, b"404 page not found", media_type="text/plain")

    def refusal(self, status: int, request: Request) -> Answer:
        model = (request.body or {}).get("model", "")
        said = f"model '{model}' not found" if status == 404 else SAID[status][0].lower()
        return Answer(status, {"error": said})

    def _of_model(self, request: Request) -> Answer:
        name = request.body["model"]
        name = name if name in OLLAMA_MODELS else f"{name}:latest"
        if name not in OLLAMA_MODELS:
            return self.refusal(404, request)
        if request.path == "/api/show":
            return Answer(body=_shown(name))
        if request.path == "/api/embed":
            return Answer(body=_ollama_vectors(request.body))
        if request.body.get("think") and "thinking" not in OLLAMA_MODELS[name]:
            return Answer(400, {"error": f'"{name}" does not support thinking'})
        return Answer(frames=self._chat(name, request.body), media_type="application/x-ndjson")

    async def _chat(self, name: str, body: Mapping[str, Any]) -> AsyncIterator[bytes]:
        began, number = time.perf_counter(), 0
        said = models.pieces(models.reply(body["messages"]))
        thought = models.pieces(models.THOUGHTS) if body.get("think") else []
        for text in thought:
            yield _ollama_line(name, {"role": "assistant", "content": "", "thinking": text})
            await self.pace(began, number := number + 1)
        for text in said:
            yield _ollama_line(name, {"role": "assistant", "content": text})
            await self.pace(began, number := number + 1)
        prompt = sum(models.tokens(message["content"]) for message in body["messages"])
        ended = {
            "done_reason": "stop",
            "total_duration": round((time.perf_counter() - began) * 1e9),
            "load_duration": 1_000_000,
            "prompt_eval_count": prompt,
            "prompt_eval_duration": 1_000_000,
            "eval_count": number,
            "eval_duration": 1_000_000,
        }
        yield _ollama_line(name, {"role": "assistant", "content": ""}, done=True, **ended)


class FakeDeepSeek(FakeServer):
    """Speaks as DeepSeek does, at /v1 and without it."""

    keep_alive_comment = b": keep-alive\n\n"

    async def answer(self, request: Request) -> Answer:
        match request.path.removeprefix("/v1"):
            case "/models":
                rows = [
                    {"id": name, "object": "model", "owned_by": "deepseek"}
                    for name in DEEPSEEK_MODELS
                ]
                return Answer(body={"object": "list", "data": rows})
            case "/chat/completions" | "/embeddings" | "/rerank" as call:
                if request.body["model"] not in DEEPSEEK_MODELS:
                    return self._said(400, *SAID[404])
                return self._of_model(call, request.body)
        return Answer(404, b"Not Found", media_type="text/plain")

    def refusal(self, status: int, request: Request) -> Answer:
        return self._said(status, *SAID[status])

    def _said(self, status: int, message: str, kind: str) -> Answer:
        error = {"message": message, "type": kind, "param": None, "code": "invalid_request_error"}
        return Answer(status, {"error": error})

    def _of_model(self, call: str, body: Mapping[str, Any]) -> Answer:
        if call == "/embeddings":
            return Answer(body=_openai_vectors(body))
        if call == "/rerank":
            return Answer(body=_ranking(body))
        return Answer(frames=self._chat(body), media_type="text/event-stream; charset=utf-8")

    async def _chat(self, body: Mapping[str, Any]) -> AsyncIterator[bytes]:
        began, number = time.perf_counter(), 0
        name = body["model"]
        thinks = name.startswith("deepseek") and body.get("thinking", {}).get("type") != "disabled"
        thought = models.pieces(models.THOUGHTS) if thinks else []
        silent = {"reasoning_content": None} if thinks else {}
        first = (
            {"role": "assistant", "content": None, "reasoning_content": ""}
            if thinks
            else {"role": "assistant", "content": ""}
        )
        yield _chunk(name, first)
        for text in thought:
            yield _chunk(name, {"content": None, "reasoning_content": text})
            await self.pace(began, number := number + 1)
        for text in models.pieces(models.reply(body["messages"])):
            yield _chunk(name, {"content": text, **silent})
            await self.pace(began, number := number + 1)
        prompt = sum(models.tokens(message["content"]) for message in body["messages"])
        yield _chunk(name, {"content": "", **silent}, "stop", _usage(prompt, number, len(thought)))
        yield b"data: [DONE]\n\n"


def _tag(name: str) -> dict[str, Any]:
    times = "2026-01-01T00:00:00Z"
    return {
        "name": name,
        "model": name,
        "modified_at": times,
        "size": 4_683_075_271,
        "digest": "0" * 64,
        "details": _details(name),
    }


def _details(name: str) -> dict[str, Any]:
    family = "nomic-bert" if "embed" in name else "qwen2"
    return {
        "parent_model": "",
        "format": "gguf",
        "family": family,
        "families": [family],
        "parameter_size": "7.6B",
        "quantization_level": "Q4_K_M",
    }


def _shown(name: str) -> dict[str, Any]:
    details = _details(name)
    architecture = details["family"]
    info: dict[str, Any] = {
        "general.architecture": architecture,
        f"{architecture}.context_length": CONTEXT,
    }
    info[f"{architecture}.embedding_length"] = models.DIMENSIONS if "embed" in name else 3584
    return {
        "modelfile": "",
        "template": "",
        "details": details,
        "model_info": info,
        "capabilities": OLLAMA_MODELS[name],
    }


def _ollama_line(
    name: str, message: Mapping[str, str], *, done: bool = False, **ended: object
) -> bytes:
    line = {
        "model": name,
        "created_at": "2026-01-01T00:00:00.000000Z",
        "message": message,
        "done": done,
        **ended,
    }
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _ollama_vectors(body: Mapping[str, Any]) -> dict[str, Any]:
    texts = _texts(body)
    vectors = [models.embed(text) for text in texts]
    return {
        "model": body["model"],
        "embeddings": vectors,
        "total_duration": 1,
        "load_duration": 1,
        "prompt_eval_count": sum(map(models.tokens, texts)),
    }


def _openai_vectors(body: Mapping[str, Any]) -> dict[str, Any]:
    texts = _texts(body)
    rows = [
        {"object": "embedding", "index": index, "embedding": models.embed(text)}
        for index, text in enumerate(texts)
    ]
    count = sum(map(models.tokens, texts))
    return {
        "object": "list",
        "data": rows,
        "model": body["model"],
        "usage": {"prompt_tokens": count, "total_tokens": count},
    }


def _texts(body: Mapping[str, Any]) -> list[str]:
    given = body["input"]
    return [given] if isinstance(given, str) else given


def _ranking(body: Mapping[str, Any]) -> dict[str, Any]:
    scores = [models.overlap(body["query"], text) for text in body["documents"]]
    best = sorted(range(len(scores)), key=lambda index: -scores[index])[
        : body.get("top_n") or len(scores)
    ]
    return {
        "model": body["model"],
        "results": [{"index": index, "relevance_score": scores[index]} for index in best],
    }


def _chunk(
    name: str,
    delta: Mapping[str, object],
    reason: str | None = None,
    usage: Mapping[str, object] | None = None,
) -> bytes:
    event = {
        "id": "cac7192e-e619-40c6-96b0-ed4276bc03ac",
        "object": "chat.completion.chunk",
        "created": 1764661832,
        "model": name,
        "system_fingerprint": "fp_of_a_fake",
        "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}],
        "usage": usage,
    }
    return (
        b"data: " + json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"
    )


def _usage(prompt: int, completion: int, thought: int) -> dict[str, object]:
    counts = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }
    cached = {
        "prompt_tokens_details": {"cached_tokens": 0},
        "prompt_cache_hit_tokens": 0,
        "prompt_cache_miss_tokens": prompt,
    }
    return {
        **counts,
        **cached,
        **({"completion_tokens_details": {"reasoning_tokens": thought}} if thought else {}),
    }


def fake_ollama(port: int = 0, rate: float = 0, key: str = "") -> FakeOllama:
    """Return a fake Ollama, to be entered."""
    return FakeOllama(port, rate, key)


def fake_deepseek(port: int = 0, rate: float = 0, key: str = "") -> FakeDeepSeek:
    """Return a fake DeepSeek, to be entered. With `key` it refuses every other key."""
    return FakeDeepSeek(port, rate, key)


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="A fake model server, for trying things out.")
    parser.add_argument("kind", choices=["ollama", "deepseek"])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument(
        "--rate", type=float, default=20, help="tokens a second; 0 for as fast as it can"
    )
    parser.add_argument("--key", default="", help="the only key that is not refused")
    parser.add_argument("--fault", default="", help="what goes wrong, by name")
    chosen = parser.parse_args()
    make = fake_ollama if chosen.kind == "ollama" else fake_deepseek
    with make(chosen.port, chosen.rate, chosen.key) as server:
        server.fault = chosen.fault
        print(server.url, flush=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
