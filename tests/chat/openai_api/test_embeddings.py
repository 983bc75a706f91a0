"""OpenAI-compatible embeddings."""

import asyncio
import base64
import threading
from array import array

import pytest
from support.conversations import until
from support.factories import make_group
from support.model_server import EMBEDDING, make_connection, make_model

from chat.exceptions import TooManyCompletions
from chat.openai_api import embeddings
from providers.exceptions import ProviderUnavailable
from web.admission import Admission

pytestmark = pytest.mark.django_db
PATH = "/v1/embeddings"
STATIC = "builtin/static"


def test_texts_are_embedded_in_order(call, reader):
    answer = call(reader).post(PATH, {"model": STATIC, "input": ["wing", "tail"]}).json()
    alone = call(reader).post(PATH, {"model": STATIC, "input": "tail"}).json()

    assert [row["index"] for row in answer["data"]] == [0, 1]
    assert answer["data"][1]["embedding"] == alone["data"][0]["embedding"]
    assert len(alone["data"][0]["embedding"]) == 256
    assert answer["usage"]["total_tokens"] > 0
    assert answer["model"] == STATIC


def test_base64_encoding_packs_the_vectors(call, reader):
    plain = (
        call(reader).post(PATH, {"model": STATIC, "input": "wing"}).json()["data"][0]["embedding"]
    )
    packed = (
        call(reader)
        .post(PATH, {"model": STATIC, "input": "wing", "encoding_format": "base64"})
        .json()
    )

    assert list(array("f", base64.b64decode(packed["data"][0]["embedding"]))) == pytest.approx(
        plain
    )


def test_models_of_connections_embed_for_permitted_users(call, reader, admin, served):
    make_model(make_connection(), EMBEDDING, groups=[make_group("Others")])
    body = {"model": "lab/all-minilm:latest", "input": "wing"}

    assert len(call(admin).post(PATH, body).json()["data"][0]["embedding"]) == 64
    refused = call(reader).post(PATH, body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "model_not_found")


def test_an_unreachable_server_is_reported(call, admin, served):
    make_model(make_connection(), EMBEDDING)
    served.ill = ProviderUnavailable("Nobody there.")

    answer = call(admin).post(PATH, {"model": "lab/all-minilm:latest", "input": "wing"})

    assert (answer.status_code, answer.json()["error"]["message"]) == (503, "Nobody there.")


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"input": "x"}, "model"),
        ({"model": STATIC}, "input"),
        ({"model": STATIC, "input": []}, "input"),
        ({"model": STATIC, "input": [1, 2]}, "input"),
        ({"model": STATIC, "input": ["x"] * 2049}, "input"),
        ({"model": STATIC, "input": "x", "encoding_format": "hex"}, "encoding_format"),
    ],
)
def test_an_invalid_member_is_named(call, reader, body, wrong):
    answer = call(reader).post(PATH, body)

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, wrong)


@pytest.mark.parametrize("model", ["builtin/extractive", "nowhere/x", "workspace/aerodynamics"])
def test_a_model_without_embeddings_is_not_found(call, reader, model):
    assert call(reader).post(PATH, {"model": model, "input": "x"}).status_code == 404


class HeldEmbeddingModel:
    """An embedding model that waits until the test releases it."""

    id = "lab/slow"

    def __init__(self) -> None:
        self.let = threading.Event()

    def embed_documents(self, texts):
        self.let.wait(5)
        return [[1.0] for _text in texts]


async def test_calls_beyond_the_limit_are_refused_also_after_callers_left(reader, admin, settings):
    settings.COMPLETIONS_AT_ONCE = 1
    model = HeldEmbeddingModel()
    left = asyncio.create_task(embeddings._embedded(reader, model, ["a"]))
    await asyncio.sleep(0.05)
    left.cancel()

    with pytest.raises(TooManyCompletions):
        await embeddings._embedded(reader, model, ["b"])
    others = asyncio.create_task(embeddings._embedded(admin, model, ["c"]))
    await asyncio.sleep(0)
    model.let.set()

    assert await others == [[1.0]]
    await until(lambda: not embeddings._calls)
    assert await embeddings._embedded(reader, model, ["d"]) == [[1.0]]


@pytest.mark.parametrize(
    ("lengths", "portions"),
    [
        ([1], [1]),
        ([1] * 65, [64, 1]),
        ([60_000, 40_000, 1], [2, 1]),
        ([1, 1_900_000, 1], [1, 1, 1]),
        ([0] * 64, [64]),
    ],
)
def test_a_turn_has_a_limit_of_texts_and_characters(lengths, portions):
    texts = [chr(ord("a") + number % 26) * length for number, length in enumerate(lengths)]

    found = list(embeddings.portions(texts))

    assert [len(portion) for portion in found] == portions
    assert [text for portion in found for text in portion] == texts


async def test_two_people_embed_in_turns_and_in_order(reader, admin, monkeypatch):
    monkeypatch.setattr(embeddings, "search_slots", Admission(1, 10))
    embedded = []

    class Noting:
        id = STATIC

        def embed_documents(self, texts):
            embedded.append(texts[0])
            return [[float(text)] for text in texts]

    texts = {reader: ["1"] * 200, admin: ["2"] * 65}
    found = await asyncio.gather(
        *(embeddings._embedded(person, Noting(), list(said)) for person, said in texts.items())
    )

    assert embedded == ["1", "2", "1", "2", "1", "1"]
    assert found == [[[1.0]] * 200, [[2.0]] * 65]


async def test_a_server_gets_all_texts_of_a_call_at_once(reader):
    asked = []

    class Server:
        id = "lab/all-minilm"

        def embed_documents(self, texts):
            asked.append(len(texts))
            return [[1.0] for _text in texts]

    assert len(await embeddings._embedded(reader, Server(), ["a"] * 200)) == 200
    assert asked == [200]
