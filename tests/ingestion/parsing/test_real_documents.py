"""Real documents, hostile and plain: none breaks the pool, and plain ones give nearly all words.

The floors are measured values with a small margin, to prevent regressions.
"""

from collections import defaultdict
from collections.abc import Callable
from functools import cache
from pathlib import Path
from statistics import mean

import pytest
from support.expected_words import Row, document_rows, expected_words, found_words, share_in_order

from ingestion.errors.exceptions import CODES, UnreadableDocument
from ingestion.parsing import detect_media_type
from ingestion.parsing.parsed import ParsedDocument
from ingestion.parsing.sandbox.pool import Limits, ParserPool

pytestmark = pytest.mark.data

# The share of expected words that must be found, as the mean over the documents of a format.
FLOORS = {
    "csv": 0.99,
    "docx": 0.97,
    "html": 0.97,
    "md": 0.98,
    "pdf": 0.94,
    "pptx": 0.93,
    "rtf": 0.95,
    "txt": 0.99,
    "xml": 0.98,
}
READ = {
    "csv", "docx", "eml", "epub", "html", "json", "mbox", "md", "msg", "ndjson", "ods", "odt", "org", "pptx", "rst",
    "rtf", "tsv", "txt", "xls", "xlsx", "xml",
}  # fmt: skip


@pytest.fixture(scope="module")
def rows(real_data: Path) -> list[Row]:
    return document_rows(real_data)


@pytest.fixture(scope="module")
def strict_pool():
    with ParserPool(size=1, limits=Limits(seconds=60)) as pool:
        yield pool


@pytest.fixture(scope="module")
def outcome(strict_pool: ParserPool, real_data: Path) -> Callable[..., ParsedDocument | str]:
    """Return the outcome of a document of the folder by its path; each is read once."""

    @cache
    def outcome(file: str, password: str | None = None) -> ParsedDocument | str:
        path = real_data / file
        try:
            return strict_pool.parse(
                path, detect_media_type(path, path.name), name=path.name, password=password
            )
        except UnreadableDocument as exc:
            return exc.code if exc.message else "nothing to say"

    return outcome


def test_bad_documents_neither_hang_nor_crash(outcome, strict_pool, real_data):
    bad = [path for path in sorted((real_data / "bad").rglob("*")) if path.is_file()]

    outcomes = {path.name: outcome(str(path)) for path in bad}

    codes = {name: code for name, code in outcomes.items() if isinstance(code, str)}
    assert set(codes.values()) <= CODES - {"parser_crashed", "too_slow"}, codes
    assert len(strict_pool.pids()) == 1


def test_protected_documents_open_with_their_password(outcome, rows):
    protected = [row for row in rows if row["category"] == "encrypted" and row.get("password")]
    opened = [
        row["file"]
        for row in protected
        if not isinstance(outcome(row["file"], row["password"]), str)
    ]

    assert len(opened) >= 13, sorted({row["file"] for row in protected} - set(opened))


def test_nearly_every_plain_document_is_read(outcome, rows):
    plain = [
        row for row in rows if row["category"] in {"normal", "encoding"} and row["format"] in READ
    ]
    refused = [row["file"] for row in plain if isinstance(outcome(row["file"]), str)]

    assert len(refused) <= 0.08 * len(plain), refused


@pytest.fixture(scope="module")
def shares(outcome, rows, real_data) -> dict[str, list[float]]:
    """The shares of expected words found in order, for each readable document, by format."""
    shares: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        wanted = expected_words(real_data, row) if row["format"] in READ | set(FLOORS) else []
        if wanted:
            parsed = outcome(row["file"])
            found = [] if isinstance(parsed, str) else found_words(parsed)
            shares[row["format"]].append(share_in_order(wanted, found))
    return shares


def test_the_words_that_must_be_found_are_found_in_order(shares):
    measured = {kind: round(mean(shares[kind]), 3) for kind in FLOORS}

    assert {kind: share for kind, share in measured.items() if share < FLOORS[kind]} == {}, measured


def test_nearly_every_word_of_nearly_every_document_is_found(shares):
    every = [share for of_kind in shares.values() for share in of_kind]

    assert sum(share >= 0.95 for share in every) >= 0.95 * len(every)
