"""Pages of connections for administrators, and the choice of models in a workspace."""

import pytest
from support.factories import make_group
from support.model_server import CHAT, EMBEDDING, make_connection, make_model

from providers.connections.defaults import default
from providers.exceptions import ProviderUnavailable
from providers.models import Connection, Model

pytestmark = pytest.mark.django_db
NEW = {
    "name": "Lab",
    "kind": "ollama",
    "base_url": "http://lab:11434",
    "api_key": "sk-secret",
    "enabled": "on",
}


def test_the_page_of_a_new_connection_checks_the_server(browse, admin, served):
    client = browse(admin)
    assert "No connections yet" in client.get("/connections/").text

    added = client.post("/connections/", NEW, follow=True)

    assert added.redirect_chain[-1][0] == f"/connections/{Connection.objects.get().pk}/"
    assert 'hx-trigger="load, submit"' in added.text
    assert served.keys == []


def test_a_parse_server_is_added_as_a_connection_without_models(browse, admin):
    page = browse(admin).post("/connections/", {**NEW, "kind": "docling"}, follow=True).text

    assert Connection.objects.get().kind == "docling"
    assert "API identifier: lab" in page
    assert "models-title" not in page
    assert "sk-secret" not in page


def test_a_check_returns_its_partial_of_the_page(browse, admin, served):
    connection = make_connection(key="sk-secret")
    path = f"/connections/{connection.pk}/check/"

    answer = browse(admin).post(
        path, headers={"HX-Request": "true", "HX-Target": "connection-state"}
    )

    assert "<html" not in answer.text
    assert "The server is responding (0.9.9)." in answer.text
    assert "llama3.2:3b" in answer.text
    assert "load, submit" not in answer.text
    assert browse(admin).post(path).status_code == 302


def test_a_failed_check_is_shown_on_the_page_and_in_the_list(browse, admin, served):
    connection = make_connection()
    served.ill = ProviderUnavailable("Nobody answers at lab.")
    browse(admin).post(f"/connections/{connection.pk}/check/")

    assert "Nobody answers at lab." in browse(admin).get(f"/connections/{connection.pk}/").text
    assert "Needs attention" in browse(admin).get("/connections/").text


def test_an_invalid_address_is_reported_on_its_field_without_the_key(browse, admin, served):
    answer = browse(admin).post("/connections/", {**NEW, "base_url": "lab"})

    assert answer.status_code == 400
    assert "starts with http://" in answer.text
    assert "sk-secret" not in answer.text


def test_an_empty_key_field_keeps_the_key(browse, admin, served):
    connection = make_connection(key="sk-secret", base_url="http://lab:11434")
    path = f"/connections/{connection.pk}/"

    page = browse(admin).get(path).text
    saved = browse(admin).post(path, {**NEW, "name": "Renamed", "api_key": ""})

    assert "sk-secret" not in page
    assert "A key is saved" in page
    assert saved["Location"] == path
    assert (Connection.objects.get().name, Connection.objects.get().api_key) == (
        "Renamed",
        "sk-secret",
    )


def test_a_new_key_starts_another_check(browse, admin, served):
    connection = make_connection(key="sk-old", base_url="http://lab:11434")

    saved = browse(admin).post(f"/connections/{connection.pk}/", {**NEW, "api_key": "sk-new"})

    assert saved["Location"].endswith("?check=now")


def test_a_default_model_can_be_restricted_to_a_group(browse, admin, served):
    model = make_model(make_connection(), CHAT)
    group = make_group("Pilots")
    path = f"/connections/{model.connection_id}/models/{model.pk}/"

    browse(admin).post(
        path,
        {
            "kind": "chat",
            "label": "Small",
            "enabled": "on",
            "is_default": "on",
            "groups": [str(group.pk)],
        },
    )

    assert Model.objects.get().label == "Small"
    assert list(Model.objects.get().groups.all()) == [group]
    assert default("chat_model") == "lab/llama3.2:3b"
    shown = browse(admin).get(f"/connections/{model.connection_id}/").text
    assert "Default" in shown
    assert "Pilots" in shown


def test_disabling_the_default_model_is_refused_with_advice(browse, admin, served):
    model = make_model(make_connection(), CHAT)
    path = f"/connections/{model.connection_id}/models/{model.pk}/"
    browse(admin).post(path, {"kind": "chat", "enabled": "on", "is_default": "on"})

    answer = browse(admin).post(path, {"kind": "chat", "is_default": "on"})

    assert answer.status_code == 400
    assert "can be the default" in answer.text


def test_a_connection_is_deleted(browse, admin, served):
    connection = make_connection()

    answer = browse(admin).post(f"/connections/{connection.pk}/delete/", follow=True)

    assert "has been deleted" in answer.text
    assert not Connection.objects.exists()


def test_the_query_count_of_the_list_does_not_grow_with_rows(
    browse, admin, served, django_assert_max_num_queries
):
    for number in range(8):
        make_model(make_connection(f"Lab{number}"), CHAT)
    client = browse(admin)

    with django_assert_max_num_queries(10):
        client.get("/connections/")


def test_defaults_apply_to_workspaces_until_they_are_reset(browse, admin, workspace, served):
    make_model(make_connection(), CHAT)
    client = browse(admin)

    saved = client.post(
        "/defaults/", {"chat_model": "lab/llama3.2:3b", "top_k": "5", "mode": "strict"}, follow=True
    )

    assert saved.status_code == 200
    assert (workspace.setting("chat_model"), workspace.setting("top_k")) == ("lab/llama3.2:3b", 5)
    assert workspace.setting("mode") == "strict"

    client.post("/defaults/", {"chat_model": "", "top_k": "", "mode": ""})
    assert (workspace.setting("chat_model"), workspace.setting("top_k")) == (
        "builtin/extractive",
        8,
    )


@pytest.mark.parametrize("wrong", [{"chat_model": "lab/none"}, {"top_k": "0"}, {"mode": "loose"}])
def test_an_invalid_default_is_refused(browse, admin, wrong):
    assert browse(admin).post("/defaults/", wrong).status_code == 400


def test_owners_can_choose_permitted_models_only(browse, owner, workspace, served):
    connection = make_connection()
    make_model(connection, CHAT)
    make_model(connection, EMBEDDING, groups=[make_group("Others")])
    path = f"/w/{workspace.slug}/settings/"

    page = browse(owner).get(path).text
    saved = browse(owner).post(path, {"name": "Same", "chat_model": "lab/llama3.2:3b"})
    refused = browse(owner).post(path, {"name": "Same", "embedding_model": "lab/all-minilm:latest"})

    assert "lab/llama3.2:3b" in page
    assert "lab/all-minilm:latest" not in page
    assert "Server default: Built-in (quotes only, no AI)" in page
    assert saved.status_code == 302
    workspace.refresh_from_db()
    assert workspace.chat_model == "lab/llama3.2:3b"
    assert refused.status_code == 400


def test_the_api_refuses_a_model_of_another_group(call, owner, workspace, served):
    make_model(make_connection(), CHAT, groups=[make_group("Others")])
    path = f"/api/v1/workspaces/{workspace.slug}/"

    for field, model in (
        ("chat_model", "lab/llama3.2:3b"),
        ("rerank_model", "lab/none"),
        ("chat_model", "builtin/static"),
    ):
        answer = call(owner).patch(path, {field: model})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_a_model_that_another_owner_chose_is_kept_when_other_settings_change(
    call, owner, workspace, served
):
    make_model(make_connection(), CHAT, groups=[make_group("Others")])
    type(workspace).objects.update(chat_model="lab/llama3.2:3b")

    answer = call(owner).patch(
        f"/api/v1/workspaces/{workspace.slug}/", {"chat_model": "lab/llama3.2:3b", "top_k": 3}
    )

    assert answer.status_code == 200
