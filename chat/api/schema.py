"""The asynchronous views in the OpenAPI schema: REST framework does not know them, so they are written down by hand."""

from typing import Any, Final

Schema = dict[str, Any]

MESSAGES: Final = "/api/v1/conversations/{id}/messages/"
STOP: Final = "/api/v1/conversations/{id}/stop/"
PULL: Final = "/api/v1/connections/{id}/pull/"
_MESSAGE: Final = {"$ref": "#/components/schemas/Message"}
_TEXT: Final = {"type": "string"}
_ID: Final = {"type": "string", "format": "uuid"}

PROBLEM: Final[Schema] = {
    "type": "object",
    "description": "RFC 9457: `code` is for programs, `detail` for people.",
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "code": _TEXT,
        "errors": {"type": "object", "additionalProperties": True},
    },
    "required": ["type", "title", "status", "detail", "code"],
}
_PROBLEM_RESPONSE: Final[Schema] = {
    "description": "Any other status: what is wrong, and what to do.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
QUESTION: Final[Schema] = {
    "type": "object",
    "properties": {
        "text": {**_TEXT, "maxLength": 32_000},
        "model": {
            **_TEXT,
            "nullable": True,
            "description": "A chat model's id; without it, the workspace's.",
        },
        "parent": {
            **_ID,
            "nullable": True,
            "description": "The message it follows on; without it, the newest answer.",
        },
    },
    "required": ["text"],
}
EVENTS: Final = (
    "Events of the answer, each with `message` (its id) and `seq`, rising by one: message.started, search.started, "
    "search.done, reasoning.delta, answer.delta, citation, error, and message.done, always last. The event's name is "
    "its type, its id is the seq."
)
COMPLETION: Final[Schema] = {
    "type": "object",
    "properties": {
        "model": {**_TEXT, "description": "`workspace/{slug}`, or the id of a chat model."},
        "messages": {
            "type": "array",
            "items": {"type": "object", "properties": {"role": _TEXT, "content": {}}},
        },
        "stream": {"type": "boolean"},
        "stream_options": {"type": "object", "properties": {"include_usage": {"type": "boolean"}}},
        "temperature": {"type": "number", "minimum": 0, "maximum": 2},
    },
    "required": ["model", "messages"],
}
EMBEDDING: Final[Schema] = {
    "type": "object",
    "properties": {
        "model": {**_TEXT, "description": "The id of an embedding model."},
        "input": {"oneOf": [_TEXT, {"type": "array", "items": _TEXT}]},
        "encoding_format": {"type": "string", "enum": ["float", "base64"]},
    },
    "required": ["model", "input"],
}
COMPLETED: Final[Schema] = {
    "type": "object",
    "description": "OpenAI's chat.completion; `citations` stand beside `choices`.",
    "properties": {
        "id": _TEXT,
        "object": _TEXT,
        "created": {"type": "integer"},
        "model": _TEXT,
        "choices": {"type": "array", "items": {"type": "object"}},
        "usage": {"type": "object", "additionalProperties": {"type": "integer"}},
        "citations": {"type": "array", "items": {"$ref": "#/components/schemas/Citation"}},
    },
}
MODELS: Final[Schema] = {
    "type": "object",
    "properties": {"object": _TEXT, "data": {"type": "array", "items": {"type": "object"}}},
}


def _json(schema: Schema, *, required: bool = True) -> Schema:
    return {"content": {"application/json": {"schema": schema}}, "required": required}


def _responses(content: dict[str, Schema]) -> Schema:
    return {
        "200": {
            "description": "",
            "content": {kind: {"schema": schema} for kind, schema in content.items()},
        }
    }


_ASK: Final[Schema] = {
    "operationId": "conversations_messages_create",
    "description": "Ask. Answers once the answer is final, or as it comes where Accept is text/event-stream.",
    "tags": ["conversations"],
    "requestBody": _json(QUESTION),
    "responses": _responses(
        {"application/json": _MESSAGE, "text/event-stream": {**_TEXT, "description": EVENTS}}
    ),
}
_STOPPED: Final[Schema] = {
    "type": "object",
    "properties": {"stopped": {"type": "array", "items": _ID}},
}
_STOP: Final[Schema] = {
    "operationId": "conversations_stop_create",
    "description": "End an answer, or all that are being written in the conversation. What has been said stays.",
    "tags": ["conversations"],
    "requestBody": _json(
        {"type": "object", "properties": {"message": {**_ID, "nullable": True}}}, required=False
    ),
    "responses": _responses({"application/json": _STOPPED}),
}
_LIST_MODELS: Final[Schema] = {
    "operationId": "openai_models_list",
    "description": "The caller's workspaces and models.",
    "tags": ["openai"],
    "responses": _responses({"application/json": MODELS}),
}
_COMPLETE: Final[Schema] = {
    "operationId": "openai_chat_completions_create",
    "description": "Answer as OpenAI's chat completions do. A client that leaves ends its answer.",
    "tags": ["openai"],
    "requestBody": _json(COMPLETION),
    "responses": _responses({"application/json": COMPLETED, "text/event-stream": _TEXT}),
}
_EMBED: Final[Schema] = {
    "operationId": "openai_embeddings_create",
    "description": "Embed texts as OpenAI's embeddings do.",
    "tags": ["openai"],
    "requestBody": _json(EMBEDDING),
    "responses": _responses({"application/json": MODELS}),
}
_PULL: Final[Schema] = {
    "operationId": "connections_pull_create",
    "description": "Have an Ollama server fetch a model: a line of JSON for each step, the last `done` or `error`.",
    "tags": ["connections"],
    "requestBody": _json({"type": "object", "properties": {"model": _TEXT}, "required": ["model"]}),
    "responses": _responses({"application/x-ndjson": _TEXT}),
}


def add_problems(result: Schema, generator: Any, **_more: Any) -> Schema:
    """Add the responses to errors to every operation. A hook of drf-spectacular."""
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"].setdefault("default", _PROBLEM_RESPONSE)
    return result


def add_asynchronous_views(result: Schema, generator: Any, **_more: Any) -> Schema:
    """Add asking, stopping and what programs written for OpenAI call. A hook of drf-spectacular."""
    paths = result["paths"]
    result["components"]["schemas"].setdefault("Problem", PROBLEM)
    listing = paths[MESSAGES]["get"]
    by_id = [member for member in listing["parameters"] if member["in"] == "path"]
    for path, method, operation in [
        (MESSAGES, "post", {**_ASK, "parameters": by_id}),
        (STOP, "post", {**_STOP, "parameters": by_id}),
        ("/v1/models", "get", _LIST_MODELS),
        ("/v1/chat/completions", "post", _COMPLETE),
        ("/v1/embeddings", "post", _EMBED),
        (PULL, "post", {**_PULL, "parameters": by_id}),
    ]:
        paths.setdefault(path, {})[method] = {**operation, "security": listing["security"]}
    return result
