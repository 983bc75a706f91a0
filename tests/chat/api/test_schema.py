"""The OpenAPI schema."""

import json

import pytest
from drf_spectacular.validation import validate_schema


@pytest.fixture
def schema(client, db):
    return json.loads(client.get("/api/v1/schema/", headers={"Accept": "application/json"}).content)


def test_the_schema_is_valid_openapi(schema):
    validate_schema(schema)  # Raises for an invalid schema.

    assert schema["openapi"].startswith("3.")
    assert set(schema["components"]["schemas"]) > {
        "Document",
        "Hit",
        "Message",
        "ModelInfo",
        "Workspace",
    }


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
def test_the_schema_describes_asynchronous_views(schema, path, method):
    operation = schema["paths"][path][method]

    assert {"token": []} in operation["security"]
    assert [p["name"] for p in operation.get("parameters", []) if p["in"] == "path"] == [
        part.strip("{}") for part in path.split("/") if part.startswith("{")
    ]


def test_every_operation_describes_its_problem_response(schema):
    without = [
        f"{method} {path}"
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
        if "application/problem+json" not in operation["responses"]["default"]["content"]
    ]

    assert without == []


def test_the_schema_matches_lists_and_members_of_responses(schema):
    models = schema["paths"]["/api/v1/models/"]["get"]["responses"]["200"]["content"][
        "application/json"
    ]["schema"]
    member = schema["components"]["schemas"]["Member"]["properties"]

    assert models["$ref"].endswith("/ModelPage")
    assert member["email"]["nullable"]
    assert member["group"]["nullable"]
