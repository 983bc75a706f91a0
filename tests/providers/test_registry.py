import pytest

from providers import registry
from providers.exceptions import ModelNotFound
from providers.protocols import ModelInfo

pytestmark = pytest.mark.django_db


class OneModel:
    """A source of one chat model whose name has a slash."""

    def __init__(self) -> None:
        self.model = object()

    def models(self):
        return [ModelInfo("lab/vendor/large", "chat", "Large")]

    def chat_model(self, name):
        return self.model if name == "vendor/large" else None

    def embedding_model(self, name):
        return None


def test_built_in_models_are_listed():
    assert registry.chat_model("builtin/extractive").id == "builtin/extractive"
    assert registry.embedding_model("builtin/static").id == "builtin/static"
    assert {(info.id, info.kind) for info in registry.available_models()} >= {
        ("builtin/extractive", "chat"),
        ("builtin/static", "embedding"),
    }


@pytest.mark.parametrize(
    "model", ["", "builtin", "builtin/", "builtin/nothing", "nowhere/model", "/", "builtin/static"]
)
def test_an_unknown_chat_model_is_not_found(model):
    with pytest.raises(ModelNotFound) as caught:
        registry.chat_model(model)

    assert caught.value.code == "model_not_found"
    assert f"“{model}”" in str(caught.value)


@pytest.mark.parametrize("model", ["builtin/extractive", "nowhere/static"])
def test_an_unknown_embedding_model_is_not_found(model):
    with pytest.raises(ModelNotFound):
        registry.embedding_model(model)


def test_a_name_is_split_at_the_first_slash():
    with registry.connected("lab", OneModel()) as source:
        assert registry.chat_model("lab/vendor/large") is source.model
        assert "lab/vendor/large" in [info.id for info in registry.available_models()]

    with pytest.raises(ModelNotFound):
        registry.chat_model("lab/vendor/large")


def test_a_temporary_source_is_replaced_by_the_former_one():
    with registry.connected("builtin", OneModel()), pytest.raises(ModelNotFound):
        registry.chat_model("builtin/extractive")

    assert registry.chat_model("builtin/extractive")


def test_static_vectors_are_shared_in_a_process():
    assert registry.embedding_model("builtin/static") is registry.embedding_model("builtin/static")
