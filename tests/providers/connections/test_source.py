"""Models of connections in the registry."""

import pytest
from support.factories import make_group
from support.model_server import CHAT, EMBEDDING, make_connection, make_model

from providers import key_encryption, registry
from providers.connections import cache
from providers.exceptions import ModelNotFound, ProviderRefused
from providers.models import Model
from providers.protocols import FoundModel

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab(served):
    connection = make_connection("Lab", key="sk-wind")
    make_model(connection, CHAT)
    make_model(connection, EMBEDDING)
    return connection


def ids(infos):
    return {info.id for info in infos}


def test_models_are_found_by_connection_and_name(lab, served):
    assert registry.chat_model("lab/llama3.2:3b").id == "lab/llama3.2:3b"
    assert registry.embedding_model("lab/all-minilm:latest").dimensions == 64
    assert served.keys == ["sk-wind"]


def test_a_name_may_have_slashes(served):
    make_model(make_connection("Hub"), FoundModel("Qwen/Qwen3-8B", "chat"))

    assert registry.chat_model("hub/Qwen/Qwen3-8B").id == "hub/Qwen/Qwen3-8B"


@pytest.mark.parametrize("model", ["lab/nothing", "lab/all-minilm:latest", "lab/", "lab"])
def test_a_model_that_is_missing_or_of_another_kind_is_not_found(lab, model):
    with pytest.raises(ModelNotFound):
        registry.chat_model(model)


@pytest.mark.parametrize("change", [{"enabled": False}, {"slug": "elsewhere"}])
def test_a_disabled_or_renamed_connection_offers_no_models(lab, change):
    type(lab).objects.update(**change)
    cache.forget()

    assert "lab/llama3.2:3b" not in ids(registry.available_models())
    with pytest.raises(ModelNotFound):
        registry.chat_model("lab/llama3.2:3b")


def test_a_disabled_model_is_not_found(lab):
    Model.objects.update(enabled=False)
    cache.forget()

    with pytest.raises(ModelNotFound):
        registry.chat_model("lab/llama3.2:3b")


def test_built_in_models_come_first_and_labels_name_the_connection(lab):
    infos = registry.available_models()

    assert infos[0].id == "builtin/extractive"
    assert [info.label for info in infos if info.id == "lab/llama3.2:3b"] == ["llama3.2:3b · Lab"]


def test_a_restricted_model_is_for_group_members_and_administrators(lab, reader, stranger, admin):
    Model.objects.get(name=CHAT.name).groups.set([make_group("Pilots", members=(reader,))])
    cache.forget()

    for user, may in ((reader, True), (stranger, False), (admin, True)):
        assert registry.may_use(user, "lab/llama3.2:3b") is may
        assert ("lab/llama3.2:3b" in ids(registry.models_for(user))) is may
        assert Model.objects.visible_to(user).filter(name=CHAT.name).exists() is may
        assert "lab/all-minilm:latest" in ids(registry.models_for(user))


def test_a_lost_key_must_be_entered_again(lab, data_dir):
    (data_dir / key_encryption.KEY_FILE).unlink()

    with pytest.raises(ProviderRefused, match="enter it again"):
        registry.chat_model("lab/llama3.2:3b")

    assert "lab/llama3.2:3b" in ids(registry.available_models())


def test_built_in_models_need_no_query_and_others_one_per_snapshot(lab, django_assert_num_queries):
    with django_assert_num_queries(0):
        registry.chat_model("builtin/extractive")
    cache.forget()
    with django_assert_num_queries(4):
        registry.chat_model("lab/llama3.2:3b")
        registry.chat_model("lab/llama3.2:3b")
        registry.available_models()


def test_a_server_object_is_kept_until_its_row_changes(lab, served):
    registry.chat_model("lab/llama3.2:3b")
    cache.forget()
    registry.chat_model("lab/llama3.2:3b")
    assert len(served.keys) == 1

    lab.sealed_key = key_encryption.seal("sk-new")
    lab.save()
    cache.forget()
    registry.chat_model("lab/llama3.2:3b")
    assert served.keys == ["sk-wind", "sk-new"]


async def test_asynchronous_code_gets_the_last_snapshot(monkeypatch):
    known = cache.Snapshot({}, {"top_k": 3}, 0.0)
    monkeypatch.setattr(cache, "_current", known)

    assert cache.current() is known
