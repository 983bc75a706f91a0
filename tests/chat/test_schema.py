import json

import pytest
from drf_spectacular.validation import validate_schema


@pytest.fixture
def schema(client, db):
    return json.loads(client.get("/api/v1/schema/", headers={"Accept": "application/json"}).content)


def test_the_schema_is_valid_openapi(schema):
    validate_schema(schema)  # Raises where it is not.

    assert schema["openapi"].startswith("3.")
    assert set(schema["components"]["schemas"]) > {"Document", "Hit", "Message", "ModelInfo", "Workspace"}


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/api/v1/conversations/{id}/messages/", "get"),
        ("/api/v1/conversations/{id}/messages/", "post"),
        ("/api/v1/conversations/{id}/stop/", "post"),
        ("/api/v1/workspaces/{slug}/conversations/", "post"),
        ("/api/v1/workspaces/{slug}/search/", "post"),
        ("/v1/models", "get"),
        ("/v1/chat/completions", "post"),
    ],
)
def test_asynchronous_views_stand_in_it_like_any_other(schema, path, method):
    operation = schema["paths"][path][method]

    assert {"token": []} in operation["security"]
    assert [p["name"] for p in operation.get("parameters", []) if p["in"] == "path"] == [
        part.strip("{}") for part in path.split("/") if part.startswith("{")
    ]
