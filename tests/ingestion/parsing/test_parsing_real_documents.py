"""Real documents, hostile and plain: none hurts the pool, and of the plain ones nearly all words are found.

The floors are what was measured when they were set, with a little room; they guard against falling back.
"""

import html
import json
import re
import unicodedata
from collections import defaultdict
from pathlib import Path
from statistics import mean

import pytest

from ingestion.exceptions import CODES, UnreadableDocument
from ingestion.parsing import Parsed, detect_media_type
from ingestion.parsing.children import Limits, ParserPool

pytestmark = pytest.mark.data

WORD = re.compile(r"[\u3040-\u9fff]|[^\W_]+")
PANDOC_STRING = re.compile(r'Str\s+"((?:[^"\\]|\\.)*)"')
# Which share of the words that must be found has been found, on average over the documents of a format.
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
def rows(real_data: Path) -> list[dict[str, object]]:
    with (real_data / "documents.jsonl").open() as file:
        return [json.loads(line) for line in file]


@pytest.fixture(scope="module")
def strict_pool():
    with ParserPool(size=1, limits=Limits(seconds=60)) as pool:
        yield pool


def outcome(pool: ParserPool, path: Path, password: str | None = None) -> Parsed | str:
    try:
        return pool.parse(path, detect_media_type(path, path.name), name=path.name, password=password)
    except UnreadableDocument as exc:
        return exc.code if exc.message else "nothing to say"


def test_nothing_bad_hangs_or_breaks_anything(strict_pool, real_data):
    bad = [path for path in sorted((real_data / "bad").rglob("*")) if path.is_file()]

    outcomes = {path.name: outcome(strict_pool, path) for path in bad}

    codes = {name: code for name, code in outcomes.items() if isinstance(code, str)}
    assert set(codes.values()) <= CODES - {"parser_crashed", "too_slow"}, codes
    assert len(strict_pool.pids()) == 1


def test_what_is_protected_opens_with_the_password_that_is_known(strict_pool, rows, real_data):
    protected = [row for row in rows if row["category"] == "encrypted" and row.get("password")]
    opened = [
        row["file"]
        for row in protected
        if not isinstance(outcome(strict_pool, real_data / row["file"], row["password"]), str)
    ]

    assert len(opened) >= 13, sorted({row["file"] for row in protected} - set(opened))


def test_nearly_every_plain_document_is_read(strict_pool, rows, real_data):
    plain = [row for row in rows if row["category"] in {"normal", "encoding"} and row["format"] in READ]
    refused = [row["file"] for row in plain if isinstance(outcome(strict_pool, real_data / row["file"]), str)]

    assert len(refused) <= 0.08 * len(plain), refused


def test_the_words_that_must_be_found_are_found(strict_pool, rows, real_data):
    shares: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        if row["format"] in FLOORS and row.get("expected") and row["category"] in {"normal", "encoding"}:
            parsed = outcome(strict_pool, real_data / row["file"])
            wanted = words(
                expected_text(real_data / row["expected"][0]["file"], row["expected"][0]["kind"], row["format"])
            )
            if wanted:
                found = (
                    set()
                    if isinstance(parsed, str)
                    else words("\n".join(e.text for e in parsed.elements) + parsed.title)
                )
                shares[row["format"]].append(len(wanted & found) / len(wanted))

    measured = {kind: round(mean(values), 3) for kind, values in shares.items()}
    assert {kind: share for kind, share in measured.items() if share < FLOORS[kind]} == {}, measured


def words(text: str) -> set[str]:
    return set(WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def expected_text(path: Path, kind: str, media: str) -> str:
    """The text that must be found, without the marks of the notation it is written in."""
    text = path.read_text(errors="replace")
    if kind.startswith("pandoc"):
        return " ".join(re.sub(r"\\(\d+)", lambda m: chr(int(m[1])), part) for part in PANDOC_STRING.findall(text))
    if "mark" in kind:
        text = re.sub(r"<!--.*?-->", " ", text, flags=re.S)
        text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    if "mark" in kind or media in {"html", "xml"}:
        text = re.sub(r"(?s)<(script|style|head)\b.*?</\1>", " ", text)
        text = html.unescape(re.sub(r"<[^>]*>", " ", text)).replace("\\_", "_")
    return text
