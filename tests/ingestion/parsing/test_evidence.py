"""Gold pages of questions: the text of the page is in a chunk with its page number."""

import json
import re
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from ingestion.parsing.formats import PDF
from ingestion.parsing.options import Options
from ingestion.pipeline.chunking import split

pytestmark = pytest.mark.data

WORD = re.compile(r"[\u3040-\u9fff]|[^\W_]+")
FOUND = 0.95


def squeezed(text: str) -> str:
    """Only the letters: lines of a page break words, which chunks have whole."""
    return "".join(WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def words(text: str) -> set[str]:
    return set(WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


@pytest.fixture(scope="module")
def folder(real_data: Path) -> Path:
    return real_data / "docqa" / "mmlongbench-doc"


@pytest.fixture(scope="module")
def said(pool, folder) -> dict[tuple[str, int], str]:
    """The letters of all chunks with a page, by document and page."""
    said: dict[tuple[str, int], str] = defaultdict(str)
    for path in folder.rglob("*.pdf"):
        parsed = pool.parse(path, PDF, name=path.name, options=Options(ocr=False))
        for piece in split(parsed.elements, chunk_tokens=400, overlap=50):
            for page in range(piece.page_from or 0, (piece.page_to or 0) + 1):
                said[path.name, page] += " " + squeezed(piece.text)
    return said


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_text_of_a_gold_page_is_in_a_chunk_with_its_page(folder, said):
    pages = {str(row["id"]): words(str(row["text"])) for row in rows(folder / "corpus.jsonl")}
    gold = [line.split("\t")[1] for line in (folder / "qrels.tsv").read_text().splitlines()[1:]]
    repeated = words_of_many_pages(pages)

    missed = {}
    for page in gold:
        wanted = pages[page] - repeated[place(page)[0]]
        lost = {word for word in wanted if word not in said[place(page)]}
        if len(lost) > (1 - FOUND) * len(wanted):
            missed[page] = lost

    assert sum(page in missed for page in gold) <= 0.02 * len(gold), missed


def place(page: str) -> tuple[str, int]:
    name, _mark, number = page.rpartition("#p")
    return name, int(number)


def words_of_many_pages(pages: dict[str, set[str]]) -> dict[str, set[str]]:
    """The words on a quarter of the pages of a document, such as words of running headers."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for page, found in pages.items():
        counts[place(page)[0]].update(found)
    sizes = Counter(place(page)[0] for page in pages)
    return {
        name: {word for word, count in counts[name].items() if count * 4 >= sizes[name]}
        for name in sizes
    }
