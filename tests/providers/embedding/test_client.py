import math
import threading
import time

import pytest

from providers.connections.factory import server_for
from providers.embedding import client
from providers.embedding.client import ServedEmbeddings
from providers.embedding.families import family_of
from providers.embedding.limiter import batch_slot
from providers.exceptions import PartlyEmbedded, ProviderRefused, ProviderUnavailable
from providers.http.errors import FaultFactory
from providers.http.refusals import seconds_asked_for
from providers.protocols import FoundModel

FAULTS = FaultFactory("h:1")


class Model:
    """Embeds each text by its length, and records its requests; `wrong` may raise."""

    def __init__(self, wrong=lambda texts: None) -> None:
        self.asked: list[list[str]] = []
        self.given: list[float | None] = []
        self.wrong = wrong

    def __call__(self, texts, seconds):
        self.asked.append(list(texts))
        self.given.append(seconds)
        self.wrong(texts)
        return [[len(text), 1.0] for text in texts]


@pytest.fixture
def naps(monkeypatch) -> list[float]:
    naps: list[float] = []
    monkeypatch.setattr(client, "sleep", naps.append)
    return naps


def served(ask, name: str = "m", **known: object) -> ServedEmbeddings:
    return ServedEmbeddings("x/m", FoundModel(name, "embedding", **known), FAULTS, ask)


def test_batches_are_bounded_by_number_and_by_tokens():
    model = Model()

    vectors = served(model).embed_documents(["a"] * 33 + ["b" * 40_000] * 3)

    assert [len(batch) for batch in model.asked] == [32, 2, 1, 1]
    assert len(vectors) == 36
    assert all(math.hypot(*vector) == pytest.approx(1) for vector in vectors)


def test_an_empty_batch_causes_no_request():
    model = Model()

    assert served(model).embed_documents([]) == []
    assert model.asked == []


def test_only_a_text_that_is_too_long_is_shortened():
    def wrong(texts):
        if max(map(len, texts)) > 1000:
            raise FAULTS.too_long("m")

    model = Model(wrong)

    assert len(served(model).embed_documents(["a", "b" * 5000, "c"])) == 3
    taken = [text for batch in model.asked if max(map(len, batch)) <= 1000 for text in batch]
    assert [text[:1] for text in taken] == ["a", "b", "c"]
    assert len(taken[1]) > 600


def test_a_refused_batch_size_makes_later_batches_smaller():
    def wrong(texts):
        if len(texts) > 10:
            raise FAULTS.declined("batch size is invalid, it should not be larger than 10")

    model = Model(wrong)

    assert len(served(model).embed_documents(["a"] * 100)) == 100
    assert len(model.asked) < 20


def test_a_server_that_declines_every_text_is_an_error():
    def wrong(texts):
        raise FAULTS.declined()

    with pytest.raises(ProviderRefused):
        served(Model(wrong)).embed_documents(["a", "b"])


def test_a_declined_text_is_reported_by_its_index_and_all_remaining_texts_are_embedded():
    def wrong(texts):
        if any("bad" in text for text in texts):
            raise FAULTS.declined("no")

    model = Model(wrong)
    texts = [f"text {number}" for number in range(70)]
    texts[17] = "bad"

    with pytest.raises(PartlyEmbedded) as caught:
        served(model).embed_documents(texts)

    assert [number for number, vector in enumerate(caught.value.vectors) if vector is None] == [17]
    assert len(caught.value.vectors) == 70
    assert caught.value.code == "provider_declined"
    assert [len(batch) for batch in model.asked[-2:]] == [
        32,
        6,
    ]  # Later batches are as large as before.


def test_a_failure_over_one_text_leaves_the_remaining_texts_embedded(naps):
    def wrong(texts):
        if "NaN" in texts:
            raise FAULTS.failing("json: unsupported value: NaN")

    with pytest.raises(PartlyEmbedded) as caught:
        served(Model(wrong)).embed_documents(["a", "b", "NaN", "d"])

    assert [vector is None for vector in caught.value.vectors] == [False, False, True, False]
    assert naps == [0.5, 1.0, 2.0, 4.0] * 2  # Retries of the batch, and of the single text.


def test_a_server_that_fails_midway_is_unavailable(naps):
    def wrong(texts):
        if len(model.asked) > 6:
            raise FAULTS.failing()
        if len(texts) > 16:
            raise FAULTS.failing()

    model = Model(wrong)

    with pytest.raises(ProviderUnavailable):
        served(model).embed_documents(["a"] * 32)


def test_a_server_that_fails_for_every_text_gets_few_requests(naps):
    def wrong(texts):
        raise FAULTS.failing()

    model = Model(wrong)

    with pytest.raises(ProviderUnavailable):
        served(model).embed_documents(["a"] * 32)
    assert len(model.asked) < 20


def test_an_unusable_vector_leaves_the_remaining_vectors():
    given = [[1, 2], [float("nan"), 1], None, [0, 0], [3, 4]]

    with pytest.raises(PartlyEmbedded) as caught:
        served(lambda texts, seconds: given).embed_documents(["a"] * 5)

    assert [vector is None for vector in caught.value.vectors] == [False, True, True, True, False]
    assert caught.value.code == "provider_bad_vectors"


def test_vectors_of_different_sizes_are_refused():
    with pytest.raises(ProviderRefused) as caught:
        served(lambda texts, seconds: [[1, 2], [1, 2, 3]]).embed_documents(["a", "b"])

    assert not isinstance(caught.value, PartlyEmbedded)


def test_retry_after_determines_the_wait(naps):
    busy = FAULTS.busy()
    busy.after = 7.0
    left = [busy]

    def wrong(texts):
        if left:
            raise left.pop()

    served(Model(wrong)).embed_documents(["a"])

    assert naps == [7.0]


def test_a_retry_after_of_minutes_ends_the_retries(naps):
    def wrong(texts):
        busy = FAULTS.busy()
        busy.after = 120.0
        raise busy

    with pytest.raises(ProviderUnavailable) as caught:
        served(Model(wrong)).embed_documents(["a"])

    assert (caught.value.after, naps) == (120.0, [])


@pytest.mark.parametrize("kind", ["ollama", "deepseek"])
def test_retry_after_of_a_server_is_passed_on(kind, request):
    fake = request.getfixturevalue(kind)
    fake.fault, fake.retry_after = "429", "90"
    model = request.getfixturevalue(f"{kind}_server").embedding_model(
        "x/m", FoundModel("m", "embedding", dimensions=2)
    )

    with pytest.raises(ProviderUnavailable) as caught:
        model.embed_documents(["a"])

    assert (caught.value.code, caught.value.after) == ("provider_busy", 90.0)
    assert len(fake.requests) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, None), ("", None), ("soon", None), ("nan", None), ("inf", None), ("-3", 0.0), ("2.5", 2.5),
     ("Thu, 01 Jan 1970 00:01:40 GMT", 60.0), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0)],
)  # fmt: skip
def test_retry_after_is_read_as_seconds_or_as_a_date(header, seconds):
    assert seconds_asked_for(header, now=40.0) == seconds


def test_concurrent_batches_are_limited_for_each_connection(settings):
    settings.EMBEDDINGS_AT_ONCE = 2
    at_once, most, lock = [0], [0], threading.Lock()
    full = threading.Barrier(2)

    def ask(texts, seconds):
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        full.wait(20)  # Two must be here at the same moment, or this breaks.
        with lock:
            at_once[0] -= 1
        return [[1.0, 1.0]]

    threads = [
        threading.Thread(target=served(ask).embed_documents, args=(["a"],)) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert most[0] == 2


def test_a_search_does_not_wait_for_a_batch_slot(settings):
    settings.EMBEDDINGS_AT_ONCE = 1
    with batch_slot("x/m"):
        assert len(served(Model()).embed_query("a")) == 2


def test_a_busy_server_is_retried_with_growing_waits(naps):
    left = [FAULTS.busy(), FAULTS.failing()]

    def wrong(texts):
        if left:
            raise left.pop()

    assert len(served(Model(wrong)).embed_documents(["a"])) == 1
    assert naps == [0.5, 1.0]


def test_a_search_retries_a_busy_server_only_once(naps):
    def wrong(texts):
        raise FAULTS.busy()

    model = served(Model(wrong))

    with pytest.raises(ProviderUnavailable):
        model.embed_query("a")
    assert naps == [0.5]
    with pytest.raises(ProviderUnavailable):
        model.embed_documents(["a"])
    assert naps[1:] == [0.5, 1.0, 2.0, 4.0]


def test_a_search_limits_the_seconds_of_an_answer_and_indexing_does_not():
    model = Model()

    served(model).embed_query("a")
    served(model).embed_documents(["a"])

    assert model.given == [15.0, None]


@pytest.mark.parametrize("kind", ["ollama", "deepseek"])
def test_a_silent_server_does_not_hold_up_a_search(kind, request, monkeypatch):
    fake = request.getfixturevalue(kind)
    fake.fault = "slow"
    server = server_for("ollama" if kind == "ollama" else "openai", fake.url, "sk-the-right-one")
    monkeypatch.setattr(client, "_SEARCH_RETRIES", client._RetrySchedule((), 0.2))

    began = time.monotonic()
    with pytest.raises(ProviderUnavailable) as caught:
        server.embedding_model("x/m", FoundModel("m", "embedding", dimensions=2)).embed_query("a")

    assert caught.value.code == "provider_slow"
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    "given",
    [
        None,
        [],
        [[1, 2], [3, 4]],
        [[0, 0]],
        [[float("nan"), 1]],
        [[float("inf"), 1]],
        [[10**400, 1]],
        [["x", 1]],
        [None],
        ["AAAA"],
        [[1, 2, 3]],
        {"a": 1},
    ],
)
def test_invalid_vectors_are_refused(given):
    with pytest.raises(ProviderRefused) as caught:
        served(lambda texts, seconds: given, dimensions=2).embed_documents(["a"])

    assert caught.value.code == "provider_bad_vectors"


def test_unknown_dimensions_are_measured():
    assert served(Model()).dimensions == 2
    assert served(Model(), dimensions=7).dimensions == 7


@pytest.mark.parametrize(
    ("name", "latin", "chinese"),
    [
        ("all-minilm:latest", 0.5, 0.03),
        ("nomic-embed-text:latest", 0.5, 0.03),
        ("mxbai-embed-large", 0.5, 0.03),
        ("BAAI/bge-small-en-v1.5", 0.5, 0.03),
        ("bge-m3", 0.5, 0.5),
        ("BAAI/bge-large-zh-v1.5", 0.5, 0.5),
        ("intfloat/multilingual-e5-large", 0.5, 0.5),
        ("qwen3-embedding:0.6b", 0.5, 0.5),
        ("text-embedding-3-small", 0.5, 0.5),
        ("never-heard-of", 0.5, 0.25),
    ],
)
def test_the_dense_weight_depends_on_the_script_and_the_family(name, latin, chinese):
    model = served(Model(), name)

    assert model.dense_weight("Which boats are blue?") == pytest.approx(latin)
    assert model.dense_weight("哪些船是蓝色的？") == pytest.approx(chinese)


@pytest.mark.parametrize(
    ("name", "query", "document"),
    [
        ("jeffh/intfloat-multilingual-e5-large:f16", "query: ", "passage: "),
        ("nomic-embed-text:v1.5", "search_query: ", "search_document: "),
        ("mxbai-embed-large", "Represent this sentence for searching relevant passages: ", ""),
        ("bge-large", "Represent this sentence for searching relevant passages: ", ""),
        ("bge-m3:latest", "", ""),
        ("all-minilm", "", ""),
        ("embeddinggemma", "task: search result | query: ", "title: none | text: "),
    ],
)
def test_each_family_has_its_prefixes(name, query, document):
    assert (family_of(name).query, family_of(name).document) == (query, document)


def test_qwen_has_an_instruction_for_queries_only():
    family = family_of("Qwen/Qwen3-Embedding-8B")

    assert family.query.startswith("Instruct: ")
    assert family.document == ""
