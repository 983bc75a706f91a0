"""API responses conform to the OpenAPI schema, for requests of schemathesis with a fixed seed."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.library_documents import write_all
from support.running_server import Server, running

pytestmark = pytest.mark.stack
TESTS = Path(__file__).parents[1]
SEED = "1"
CASES_PER_OPERATION = "2"
# Checks of answers. Which data is accepted is left out: a schema cannot say what a password or an
# address must be. Left out, too, is the status of an unknown method: a route that a person may not
# see is a 404 for every method.
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "ignored_auth",
]
# They would end what the other operations need, or wait for a model server.
LEFT_OUT = [
    "DELETE /api/v1/tokens/{id}/",
    "DELETE /api/v1/workspaces/{slug}/",
    "DELETE /api/v1/workspaces/{slug}/members/{id}/",
    "PATCH /api/v1/users/{id}/",
    "POST /api/v1/connections/{id}/pull/",
]
VIEWER = {"email": "vera@example.org", "name": "Vera", "password": "another quiet phrase"}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running(SIGN_IN_ATTEMPTS="1000") as server:
        yield server


@pytest.fixture(scope="module")
def slug(server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A workspace with documents and a viewer."""
    token = server.token()
    server.call("/api/v1/users/", VIEWER, token)
    slug = str(server.call("/api/v1/workspaces/", {"name": "Rules"}, token)["slug"])
    server.call(
        f"/api/v1/workspaces/{slug}/members/", {"email": VIEWER["email"], "role": "viewer"}, token
    )
    server.upload(
        slug,
        [(path.name, path.read_bytes()) for path in write_all(tmp_path_factory.mktemp("rules"))],
        token,
    )
    server.wait_until_indexed(slug, token)
    return slug


def parameters(server: Server, slug: str, token: str) -> str:
    """Return a configuration with ids of existing rows, so that operations do not end in 404."""
    document = server.documents(slug, token)[0]["id"]
    conversation = server.call(f"/api/v1/workspaces/{slug}/conversations/", {}, token)["id"]
    lines = ["[parameters]", f'"path.slug" = {json.dumps(slug)}', '"path.version" = 1']
    for prefix, row in (("/documents/", document), ("/conversations/", conversation)):
        lines += [
            "[[operations]]",
            f'include-path-regex = "{prefix}{{id}}"',
            f'parameters = {{ "path.id" = "{row}" }}',
        ]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("role", ["administrator", "viewer"])
def test_responses_conform_to_the_schema(server, slug, tmp_path, role):
    person = {"email": VIEWER["email"], "password": VIEWER["password"]}
    token = (
        server.token()
        if role == "administrator"
        else server.call("/api/v1/tokens/", person)["token"]
    )
    configuration = tmp_path / "schemathesis.toml"
    configuration.write_text(parameters(server, slug, token), encoding="utf-8")
    words = [
        "--no-color",
        "--config-file",
        str(configuration),
        "run",
        f"{server.url}/api/v1/schema/",
    ]
    words += ["--header", f"Authorization: Bearer {token}", "--checks", ",".join(CHECKS)]
    words += ["--phases", "coverage,fuzzing", "--max-examples", CASES_PER_OPERATION, "--seed", SEED]
    words += ["--generation-deterministic", "--continue-on-failure"]
    words += [word for name in LEFT_OUT for word in ("--exclude-name", name)]

    ended = subprocess.run(
        [str(Path(sys.executable).with_name("schemathesis")), *words],
        env={
            **os.environ,
            "PYTHONPATH": str(TESTS),
            "SCHEMATHESIS_HOOKS": "support.schemathesis_hooks",
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout[-8000:] + ended.stderr[-2000:]
    assert server.call("/api/v1/me/", token=token)["id"]
