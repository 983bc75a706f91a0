"""Sentences of error codes and reasons."""

import pytest

from ingestion.errors.exceptions import CODES, PARSER_CRASHED, TOO_LARGE
from ingestion.errors.reading import SENTENCES, sentence


def test_every_code_has_a_sentence():
    assert set(SENTENCES) >= CODES


def test_a_limit_is_part_of_its_sentence():
    assert "exceeds the limit of 2,000 pages" in sentence(TOO_LARGE, "pages:2000")


@pytest.mark.parametrize("reason", ["", "nothing known", "nothing:7", "pages:", "pages:x"])
def test_an_unknown_reason_is_tolerated(reason):
    assert sentence(TOO_LARGE, reason)
    assert sentence("no such code", reason) == SENTENCES[PARSER_CRASHED]
