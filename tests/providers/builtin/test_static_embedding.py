import concurrent.futures
import importlib.util
import math
from pathlib import Path

import pytest

from providers.builtin import static_embedding
from providers.builtin.static_embedding import StaticVectors
from providers.exceptions import ProviderUnavailable


@pytest.fixture(scope="module")
def vectors() -> StaticVectors:
    return StaticVectors()


def cosine(one, other) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_vectors_equal_those_of_wordllama(vectors):
    from wordllama import WordLlama

    folder = Path(importlib.util.find_spec("wordllama").origin).parent
    theirs = WordLlama.load(cache_dir=folder, disable_download=True)
    texts = [
        "Lift grows with the square of the speed.",
        "升力随速度的平方增加。",
        "x",
        "a b c " * 2000,
    ]

    ours = vectors.embed_documents(texts)

    for mine, other in zip(ours, theirs.embed(texts, norm=True), strict=True):
        assert cosine(mine, other.tolist()) == pytest.approx(1, abs=1e-4)


def test_a_vector_has_the_promised_size_and_length_one(vectors):
    vector = vectors.embed_query("wing")

    assert len(vector) == vectors.dimensions == 256
    assert math.sqrt(cosine(vector, vector)) == pytest.approx(1, abs=1e-5)


def test_texts_of_similar_meaning_have_near_vectors(vectors):
    wing, plane, bread = vectors.embed_documents(
        ["the wing of an aircraft", "an aeroplane flies", "baking bread"]
    )

    assert cosine(wing, plane) > cosine(wing, bread)


def test_a_text_in_capitals_has_the_vector_of_lowercase(vectors):
    quiet = vectors.embed_query("measurement of dielectric constants")

    assert vectors.embed_query("MEASUREMENT OF DIELECTRIC CONSTANTS") == quiet


@pytest.mark.parametrize("text", ["", " ", "\x00"])
def test_a_text_without_words_gets_a_vector(vectors, text):
    assert len(vectors.embed_query(text)) == 256


def test_no_texts_have_no_vectors(vectors):
    assert list(vectors.embed_documents([])) == []


def test_a_vector_does_not_depend_on_its_batch(vectors):
    texts = [f"text number {number} about wings" for number in range(150)]

    together = vectors.embed_documents(texts)

    assert together[100] == vectors.embed_query(texts[100])


def test_concurrent_first_calls_read_the_files_once():
    fresh = StaticVectors()

    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        found = list(threads.map(fresh.embed_query, ["wing"] * 16))

    assert all(vector == found[0] for vector in found)


@pytest.mark.parametrize(
    ("query", "weight"),
    [("How does lift grow?", 0.25), ("升力如何增加", 0.03), ("2026-11", 0.03), ("", 0.03)],
)
def test_the_dense_weight_is_a_quarter_in_english_and_small_elsewhere(vectors, query, weight):
    assert vectors.dense_weight(query) == pytest.approx(weight)


def test_missing_files_are_reported_in_one_sentence(monkeypatch):
    monkeypatch.setattr(static_embedding, "_PACKAGE", "no_such_package")

    with pytest.raises(ProviderUnavailable, match="make up"):
        StaticVectors().embed_query("wing")
