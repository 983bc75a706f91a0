"""Chunk sizes for the embedding model of a workspace."""

import pytest
from fakes import models as fake_models
from support.factories import make_workspace
from support.model_server import make_connection, make_model

from ingestion.parsing.parsed import ElementRow
from ingestion.pipeline.chunk_sizes import sizes_for, sizes_of
from ingestion.pipeline.chunking import embedding_text, split
from language.tokens import DEFAULT_RATES, TokenRates, count_tokens
from providers.embedding.token_rates import measured
from providers.protocols import FoundModel

DENSE = TokenRates(letter=0.2, digit=1, sign=1, accented=1.2, han=1.1, other=2)
PROSE = ElementRow("NarrativeText", "The cat sat on the mat and looked around. " * 100)
CHINESE = ElementRow("NarrativeText", "阅览室每天上午八点开门，借书要先登记姓名。" * 100)
PRICES = ElementRow(
    "Table", "| part | price |\n|---|---|\n" + "\n".join(f"| AB-{n} | {n}.50 |" for n in range(400))
)


def model(window=None, rates=None):
    return FoundModel("m", "embedding", context_tokens=window, token_rates=rates)


def test_an_unmeasured_model_uses_the_default_token_rates():
    assert sizes_for(400, None).count is count_tokens
    assert sizes_for(400, model()).count is count_tokens
    assert sizes_for(400, None).chunk_tokens == 400


def test_a_model_with_a_long_context_keeps_the_chunk_size():
    sizes = sizes_for(400, model(8192, DENSE))

    assert (sizes.chunk_tokens, sizes.count) == (400, count_tokens)


def test_no_chunk_exceeds_the_context_of_the_model():
    assert sizes_for(4000, model(512)).chunk_tokens == 440
    assert sizes_for(400, model(1)).chunk_tokens == 50


def test_a_model_never_counts_fewer_tokens_than_the_default_rates():
    cheap = TokenRates(letter=0.1, digit=0.1, sign=0.1, accented=0.1, han=0.1, other=0.1)

    assert sizes_for(400, model(512, cheap)).count is count_tokens


def test_an_unknown_context_leaves_the_chunk_size():
    assert sizes_for(400, model(None, DENSE)).count("字" * 100) == pytest.approx(110)
    assert sizes_for(400, model(None, DENSE)).count("wing" * 25) == DEFAULT_RATES.count("wing" * 25)


@pytest.mark.parametrize("wanted", [200, 400, 2000])
@pytest.mark.parametrize("window", [256, 512, 1024])
def test_chunks_with_title_and_headings_fit_the_context_of_the_model(window, wanted):
    sizes = sizes_for(wanted, model(window, measured(fake_models.tokens)))
    elements = [ElementRow("Title", "Of cats and prices", level=1), PROSE, CHINESE, PRICES]

    pieces = split(elements, chunk_tokens=sizes.chunk_tokens, count=sizes.count)

    assert (
        max(
            fake_models.tokens(embedding_text("Notes", piece.headings, piece.text))
            for piece in pieces
        )
        < window
    )
    assert sizes.hold(piece.text for piece in pieces)


def test_the_default_rates_alone_exceed_the_context_of_a_small_model():
    pieces = split([CHINESE, PRICES])

    assert max(fake_models.tokens(piece.text) for piece in pieces) > 512
    assert not sizes_for(400, model(512, DENSE)).hold(piece.text for piece in pieces)


@pytest.mark.django_db
def test_chunk_sizes_need_no_request_to_the_server(owner):
    workspace = make_workspace(owner=owner)
    make_model(
        make_connection(),
        FoundModel("small", "embedding", context_tokens=512),
        token_rates=DENSE.as_row,
    )

    workspace.embedding_model = "lab/small"

    assert sizes_of(workspace).count("字") > 0.9
    workspace.embedding_model = "lab/gone"
    assert sizes_of(workspace).count is count_tokens
    workspace.embedding_model = None
    assert sizes_of(workspace).count is count_tokens
