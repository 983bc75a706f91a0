"""The API of connections: create, check, change and delete; a key is never returned."""

import json

import pytest
from support.factories import make_workspace
from support.model_server import CHAT, EMBEDDING, make_connection, make_model

from audit.models import Event
from providers import key_encryption, registry
from providers.connections import services
from providers.connections.defaults import default
from providers.exceptions import ModelNotFound, ProviderRefused, ProviderUnavailable
from providers.models import Connection, Model
from providers.protocols import FoundModel

pytestmark = pytest.mark.django_db
PATH = "/api/v1/connections/"
NEW = {"name": "Lab", "kind": "ollama", "base_url": "http://ollama.lab:11434/"}


def codes(answer):
    return [finding["code"] for finding in answer.json()["check"]["findings"]]


def test_a_new_connection_is_returned_with_the_results_of_its_check(call, admin, served):
    answer = call(admin).post(PATH, NEW)

    assert answer.status_code == 201
    body = answer.json()
    assert (body["slug"], body["base_url"], body["has_key"]) == (
        "lab",
        "http://ollama.lab:11434",
        False,
    )
    assert body["check"]["ok"] is True
    assert codes(answer) == ["reachable", "models_found", "embedding_size", "first_token"]
    assert [finding["message"] for finding in body["check"]["findings"]][:3] == [
        "The server is responding (0.9.9).",
        "Models found: 1 chat, 1 embedding.",
        "all-minilm:latest: 64-dimensional embeddings.",
    ]
    assert registry.chat_model("lab/llama3.2:3b")


def test_a_connection_with_a_failed_check_is_saved(call, admin, served):
    served.ill = ProviderUnavailable(
        "The model server cannot be reached.", code="provider_unreachable"
    )

    answer = call(admin).post(PATH, NEW)

    assert answer.status_code == 201
    assert answer.json()["check"]["ok"] is False
    assert codes(answer) == ["provider_unreachable"]
    assert answer.json()["check"]["findings"][0]["message"] == "The model server cannot be reached."
    assert Connection.objects.exists()


def test_a_connection_without_a_kind_is_to_an_ollama_server(call, admin, served):
    made = call(admin).post(PATH, {"name": "Lab", "base_url": "http://ollama.lab:11434/"})

    assert made.status_code == 201
    assert made.json()["kind"] == "ollama"


def test_a_refused_key_is_reported_until_a_right_one_is_given(call, admin, served):
    served.ill = ProviderRefused("The model server refused the key.", code="provider_key_refused")
    made = call(admin).post(PATH, {**NEW, "kind": "openai", "api_key": "sk-wrong"})
    served.ill = None

    mended = call(admin).patch(f"{PATH}{made.json()['id']}/", {"api_key": "sk-right"})

    assert codes(made) == ["provider_key_refused"]
    assert mended.json()["check"]["ok"] is True
    assert "sk-right" in served.keys


def test_no_response_and_no_log_contains_the_key(call, admin, served, caplog):
    made = call(admin).post(PATH, {**NEW, "api_key": "sk-secret"})
    path = f"{PATH}{made.json()['id']}/"
    answers = [
        made,
        call(admin).get(PATH),
        call(admin).get(path),
        call(admin).patch(path, {"api_key": "sk-secret"}),
    ]
    answers += [call(admin).post(f"{path}check/", {}), call(admin).get(f"{path}models/")]

    assert made.json()["has_key"] is True
    assert all(
        answer.status_code < 300 and b"sk-secret" not in answer.content for answer in answers
    )
    assert "sk-secret" not in caplog.text
    assert "sk-secret" not in json.dumps(
        list(Event.objects.values("action", "target_label", "actor_label"))
    )
    assert b"sk-secret" not in bytes(Connection.objects.get().sealed_key)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"base_url": "ftp://x"}, "base_url"),
        ({"base_url": "nowhere"}, "base_url"),
        ({"base_url": "http://"}, "base_url"),
        ({"base_url": "http://a b"}, "base_url"),
        ({"base_url": "http://user:secret@lab"}, "base_url"),
        ({"base_url": "http://lab:99999"}, "base_url"),
        ({"kind": "magic"}, "kind"),
        ({"name": " "}, "name"),
        ({"api_key": "sk\nx"}, "api_key"),
        ({"api_key": "钥匙"}, "api_key"),
    ],
)
def test_an_invalid_value_is_reported_on_its_field(call, admin, served, wrong, field):
    answer = call(admin).post(PATH, {**NEW, **wrong})

    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {field}
    assert not Connection.objects.exists()


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("DeepSeek!", "deepseek"),
        ("本地模型", "ollama"),
        ("builtin", "builtin-2"),
        ("Workspace", "workspace-2"),
        ("a/b", "ab"),
    ],
)
def test_a_slug_is_derived_from_the_name_and_is_never_reserved(call, admin, served, name, slug):
    assert call(admin).post(PATH, {**NEW, "name": name}).json()["slug"] == slug


def test_a_slug_is_unique_and_is_kept_when_the_name_changes(call, admin, served):
    first = call(admin).post(PATH, NEW).json()
    second = call(admin).post(PATH, NEW).json()
    renamed = call(admin).patch(f"{PATH}{first['id']}/", {"name": "Other", "slug": "x"}).json()

    assert (first["slug"], second["slug"], renamed["slug"], renamed["name"]) == (
        "lab",
        "lab-2",
        "lab",
        "Other",
    )


def test_rows_of_the_list_equal_the_detail(call, admin, served):
    made = call(admin).post(PATH, NEW).json()

    assert (
        call(admin).get(PATH).json()["results"]
        == [call(admin).get(f"{PATH}{made['id']}/").json()]
        == [made]
    )


def test_a_new_host_removes_the_key(call, admin, served):
    connection = make_connection(key="sk-lab", base_url="https://one.example")
    path = f"{PATH}{connection.pk}/"

    same_host = call(admin).patch(path, {"base_url": "https://one.example/v1"}).json()
    elsewhere = call(admin).patch(path, {"base_url": "https://two.example"}).json()

    assert same_host["has_key"] is True
    assert elsewhere["has_key"] is False
    assert served.keys[-1] == ""


def test_a_missing_key_is_kept_and_an_empty_key_is_removed(call, admin, served):
    path = f"{PATH}{make_connection(key='sk-lab').pk}/"

    assert call(admin).patch(path, {"name": "New", "api_key": None}).json()["has_key"] is True
    assert call(admin).patch(path, {"api_key": ""}).json()["has_key"] is False


def test_a_lost_key_must_be_entered_again(call, admin, served, data_dir):
    connection = make_connection(key="sk-lab")
    (data_dir / key_encryption.KEY_FILE).unlink()

    answer = call(admin).post(f"{PATH}{connection.pk}/check/", {})

    assert codes(answer) == ["key_lost"]
    assert (
        answer.json()["check"]["findings"][0]["message"]
        == "Enter the API key of this connection again."
    )


def test_a_check_names_models_similar_to_a_missing_one(call, admin, served):
    connection = make_connection()

    answer = call(admin).post(f"{PATH}{connection.pk}/check/", {"model": "llama3.2"})

    finding = answer.json()["check"]["findings"][2]
    assert finding["code"] == "model_missing"
    assert finding["message"] == "The server has no model “llama3.2”. Similar names: llama3.2:3b."
    assert answer.json()["check"]["ok"] is False


def test_the_check_of_a_server_without_models_gives_advice(call, admin, served):
    served.offers = []

    answer = call(admin).post(PATH, NEW)

    assert codes(answer) == ["reachable", "no_models"]


def test_models_of_the_server_are_listed_with_administrators_settings(call, admin, served):
    connection = make_connection()
    make_model(connection, CHAT, label="The small one")
    make_model(connection, FoundModel("gone:1b", "chat"))

    rows = call(admin).get(f"{PATH}{connection.pk}/models/").json()["results"]

    by_id = {row["id"]: row for row in rows}
    assert set(by_id) == {"lab/llama3.2:3b", "lab/gone:1b", "lab/all-minilm:latest"}
    assert by_id["lab/llama3.2:3b"]["label"] == "The small one"
    assert by_id["lab/gone:1b"]["is_offered"] is False
    assert by_id["lab/all-minilm:latest"]["dimensions"] == 64


def test_models_are_listed_as_last_seen_while_the_server_is_down(call, admin, served):
    connection = make_connection()
    make_model(connection, CHAT)
    served.ill = ProviderUnavailable("Down.")

    rows = call(admin).get(f"{PATH}{connection.pk}/models/").json()["results"]

    assert [(row["id"], row["is_offered"]) for row in rows] == [("lab/llama3.2:3b", True)]


def test_a_model_is_changed_by_its_name_and_can_become_the_default(call, admin, served):
    make_model(make_connection(), FoundModel("Qwen/Qwen3", "chat"))
    path = "/api/v1/models/lab/Qwen/Qwen3/"

    changed = (
        call(admin).patch(path, {"label": "Big", "default": True, "context_tokens": 4096}).json()
    )

    assert (changed["label"], changed["default"], changed["context_tokens"]) == ("Big", True, 4096)
    assert call(admin).get(path).json() == changed
    assert make_workspace().setting("chat_model") == "lab/Qwen/Qwen3"
    assert call(admin).patch(path, {"default": False}).json()["default"] is False
    assert default("chat_model") == "builtin/extractive"


def test_a_default_cannot_be_disabled_or_turned_into_another_kind(call, admin, served):
    make_model(make_connection(), CHAT)
    path = "/api/v1/models/lab/llama3.2:3b/"
    call(admin).patch(path, {"default": True})

    for change in ({"enabled": False}, {"kind": "embedding"}):
        assert call(admin).patch(path, change).status_code == 400
    assert call(admin).patch(path, {"enabled": False, "default": False}).status_code == 200
    assert call(admin).patch(path, {"default": True}).status_code == 400


def test_a_model_of_a_group_is_listed_for_its_members_only(call, admin, reader, served):
    make_model(make_connection(), CHAT)
    admins_own = call(admin).post("/api/v1/groups/", {"name": "Pilots", "members": [admin.email]})

    call(admin).patch("/api/v1/models/lab/llama3.2:3b/", {"groups": [admins_own.json()["name"]]})

    listed = {row["id"] for row in call(reader).get("/api/v1/models/").json()["results"]}
    assert listed == {"builtin/extractive", "builtin/static"}
    assert "lab/llama3.2:3b" in {
        row["id"] for row in call(admin).get("/api/v1/models/").json()["results"]
    }


def test_a_deleted_connection_resets_workspaces_and_defaults(call, admin, served):
    connection = make_connection()
    make_model(connection, CHAT)
    make_model(connection, EMBEDDING)
    call(admin).patch("/api/v1/models/lab/llama3.2:3b/", {"default": True})
    workspace = make_workspace(owner=admin)
    workspace.embedding_model = "lab/all-minilm:latest"
    workspace.save()

    assert call(admin).delete(f"{PATH}{connection.pk}/").status_code == 204

    workspace.refresh_from_db()
    assert workspace.embedding_model is None
    assert default("chat_model") == "builtin/extractive"
    assert not Model.objects.exists()
    with pytest.raises(ModelNotFound):
        registry.chat_model("lab/llama3.2:3b")


def test_a_disabled_connection_hides_its_models_at_once(call, admin, reader, served):
    connection = make_connection()
    make_model(connection, CHAT)

    call(admin).patch(f"{PATH}{connection.pk}/", {"enabled": False})

    assert "lab/llama3.2:3b" not in {
        row["id"] for row in call(reader).get("/api/v1/models/").json()["results"]
    }


@pytest.mark.parametrize(
    "path", [PATH, f"{PATH}%s/", f"{PATH}%s/models/", "/api/v1/models/lab/llama3.2:3b/"]
)
def test_connections_are_hidden_from_users_without_administration(call, owner, served, path):
    connection = make_connection()
    make_model(connection, CHAT)
    path = path.replace("%s", str(connection.pk))

    assert call(owner).get(path).status_code == 404
    assert call().get(path).status_code == 401


def test_actions_of_administrators_are_recorded(call, admin, served):
    made = call(admin).post(PATH, NEW).json()
    call(admin).patch(f"{PATH}{made['id']}/", {"name": "Other"})
    call(admin).patch("/api/v1/models/lab/llama3.2:3b/", {"default": True})
    call(admin).delete(f"{PATH}{made['id']}/")

    actions = set(Event.objects.filter(actor=admin).values_list("action", flat=True))
    assert actions >= {
        "connection.created",
        "connection.changed",
        "connection.deleted",
        "model.changed",
        "default.changed",
    }


def test_only_ollama_can_pull_models(call, admin, served):
    connection = make_connection(kind="openai")

    answer = call(admin).post(f"{PATH}{connection.pk}/pull/", {"model": "llama3.2"})

    assert (answer.status_code, answer.json()["code"]) == (400, "cannot_pull")


@pytest.mark.parametrize("path", ["%00", "lab/%00", "lab/llama3.2:3b%00"])
def test_a_model_name_with_nul_is_not_found(call, admin, path):
    make_model(make_connection())

    assert call(admin).get(f"/api/v1/models/{path}/").status_code == 404
    assert call(admin).patch(f"/api/v1/models/{path}/", {"label": "x"}).status_code == 404


@pytest.mark.parametrize("group", ["\x00", 1, None, ["x"], "nobody"])
def test_an_invalid_group_is_reported_on_its_field(call, admin, group):
    make_model(make_connection())

    answer = call(admin).patch("/api/v1/models/lab/llama3.2:3b/", {"groups": [group]})

    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"groups"})


@pytest.mark.parametrize("field", ["kind", "name", "base_url"])
def test_a_lone_surrogate_is_refused_and_shown_escaped(call, admin, served, field):
    body = json.dumps({**NEW, field: "\ud800"})

    answer = call(admin).post(PATH, body, content_type="application/json")

    assert (answer.status_code, set(answer.json()["errors"])) == (400, {field})


def test_a_change_keeps_the_concurrent_change_of_another_field(admin):
    connection = make_connection(key="sk-old")
    stale = Connection.objects.get(pk=connection.pk)

    services.change_connection(connection, by=admin, api_key="sk-new")
    services.change_connection(stale, by=admin, name="Other")

    kept = Connection.objects.get()
    assert (kept.name, kept.api_key) == ("Other", "sk-new")
