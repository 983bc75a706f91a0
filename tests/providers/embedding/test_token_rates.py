"""Measured token rates, compared with the tokenizer of WordLlama."""

import json
from pathlib import Path

import pytest
from fakes.servers import FakeDeepSeek, FakeOllama
from support.model_server import make_connection

from language.tokens import TokenRates, count_tokens
from providers.builtin.source import static_vectors
from providers.connections.checks import check
from providers.embedding.token_rates import measured
from providers.models import Model
from providers.registry import described

ROOT = Path(__file__).parents[3]
GUIDES = ["README.md", "README.zh.md", "ingestion/pipeline/chunking.py"]


def tokens(text):
    return len(static_vectors()._files.tokenizer.encode(text).ids)


def counted(texts):
    """Return the ratios of the rates' counts to the real counts, the lowest first."""
    rates = measured(tokens)
    return sorted(rates.count(text) / tokens(text) for text in texts)


@pytest.mark.parametrize("name", GUIDES)
def test_rates_count_at_least_the_tokens_of_a_real_tokenizer(name):
    text = (ROOT / name).read_text(encoding="utf-8")

    ratios = counted(text[first : first + 800] for first in range(0, len(text) - 800, 800))

    assert ratios[0] > 0.85
    assert ratios[len(ratios) // 20] > 0.95
    assert ratios[-1] < 2


@pytest.mark.data
@pytest.mark.parametrize(
    "name", ["en/scifact", "en/gitlab-handbook", "zh/drcd-dev", "zh/dureader-demo-train"]
)
def test_rates_count_at_least_the_tokens_of_real_texts(real_data, name):
    lines = (
        (real_data / "retrieval" / name / "corpus.jsonl")
        .read_text(encoding="utf-8")
        .splitlines()[:100]
    )

    ratios = counted(json.loads(line)["text"][:600] for line in lines)

    assert ratios[len(ratios) // 20] > 1
    assert ratios[len(ratios) // 2] < 1.6


def test_measured_rates_equal_those_of_the_tokenizer():
    rates = measured(tokens)

    assert rates.digit == 1  # This tokenizer makes a token of each.
    assert rates.han > 3 * count_tokens("字")  # And of a Chinese character, up to three bytes.


@pytest.mark.parametrize(
    "said",
    [
        lambda _text: 0,
        lambda _text: None,
        lambda _text: "12",
        lambda _text: True,
        len,
        lambda text: 2 * len(text),
    ],
)
def test_invalid_token_counts_give_no_rates(said):
    assert measured(said) is None


def test_no_rate_is_higher_than_the_bytes_of_a_character():
    rates = measured(lambda text: len(text) // 2 if text.isascii() else 100 * len(text))

    assert (rates.accented, rates.han, rates.other) == (2, 3, 4)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fake", "kind", "model"),
    [(FakeOllama, "ollama", "lab/nomic-embed-text:latest"), (FakeDeepSeek, "openai", "lab/bge-m3")],
)
def test_a_check_saves_the_token_rates_of_the_embedding_model(fake, kind, model):
    with fake() as server:
        check(make_connection(kind=kind, base_url=server.url))

    rates = described(model).token_rates
    assert rates.count("阅览室每天开门") >= 7
    assert 0 < rates.letter < 0.5


class Mute(FakeOllama):
    """Embeds without a token count, or with a given one."""

    said: object = 0

    async def answer(self, request):
        answer = await super().answer(request)
        if request.path == "/api/embed":
            answer.body["prompt_eval_count"] = self.said
        return answer


@pytest.mark.django_db
def test_measured_rates_are_kept():
    with FakeOllama() as server, Mute() as other:
        connection = make_connection(base_url=server.url)
        check(connection)
        first = Model.objects.get(kind="embedding").token_rates
        connection.base_url, other.said = other.url, 60
        check(connection)

    assert TokenRates.read(first)
    assert Model.objects.get(kind="embedding").token_rates == first


@pytest.mark.django_db
def test_a_server_without_token_counts_can_embed():
    with Mute() as server:
        found = check(make_connection(base_url=server.url))
        asked = [request for request in server.requests if request.path == "/api/embed"]

    assert all(finding.ok for finding in found)
    assert Model.objects.get(kind="embedding").token_rates is None
    assert len(asked) == 2  # For the size of a vector, and for the first sample.
