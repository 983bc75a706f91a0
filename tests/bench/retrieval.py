"""How well search finds: passages of public sets loaded as documents, their questions asked through the API.

The floor is a plain BM25 in memory over the same passages and questions. Times are those of the
first mode, inside the server, with four askers. Which sets and how many questions of each:
SETS="en/npl zh/rgb-zh" QUESTIONS=100 make bench PARTS=retrieval; QUESTIONS=0 asks all, MODES=hybrid
only so.
"""

import json
import math
import os
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from support.running_server import Server, running
from support.stack import ROOT

SETS = "zh/drcd-dev zh/cmrc2018-trial en/cranfield"
MODES = os.environ.get("MODES", "hybrid lexical dense").split()
PER_REQUEST = 100
ASKING = 4
FORMAT = "{:<24}" + "{:>9}" * (4 + len(MODES))

Grades = Mapping[str, float]


def main() -> None:
    """Load and ask each set, and print a line for it."""
    sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
    print(FORMAT.format("nDCG@10", "floor", *MODES, "docs/s", "p50 ms", "p95 ms"))
    with running() as server:
        token = server.token()
        for name in os.environ.get("SETS", SETS).split():
            print(FORMAT.format(name, *measured(server, token, Set(name))), flush=True)


class Set:
    """A set: passages, questions, and which passages answer which question how well."""

    def __init__(self, name: str) -> None:
        folder = data_folder() / "retrieval" / name
        self.name = name
        self.passages = lines_of(folder / "corpus.jsonl")
        self.grades: dict[str, dict[str, float]] = defaultdict(dict)
        for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
            question, passage, grade = line.split("\t")
            self.grades[question][passage] = float(grade)
        answerable = [
            q
            for q in lines_of(folder / "queries.jsonl")
            if max(self.grades[q["id"]].values(), default=0) > 0
        ]
        wanted = int(os.environ.get("QUESTIONS", "500")) or len(answerable)
        self.questions = answerable[:: max(1, math.ceil(len(answerable) / wanted))]


def data_folder() -> Path:
    """Return where the real data is."""
    return Path(os.environ.get("READING_ROOM_DATA", ROOT.parent / "shared" / "data"))


def lines_of(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a file of JSON lines."""
    with path.open(
        encoding="utf-8"
    ) as lines:  # Not splitlines(): texts have other line ends within.
        return [json.loads(line) for line in lines]


def measured(server: Server, token: str, wanted: Set) -> list[str]:
    """Return the figures of one set: the floor, each mode, loading, and the time a hybrid search takes."""
    slug = server.call("/api/v1/workspaces/", {"name": wanted.name}, token)["slug"]
    began = time.monotonic()
    passage_of = load(server, token, slug, wanted)
    rate = len(passage_of) / (time.monotonic() - began)
    gains, times = [floor(wanted)], []
    for mode in MODES:
        gain, took = ask_all(server, token, slug, wanted, mode, passage_of)
        gains.append(gain)
        times.append(took)
    p50, p95 = statistics.median(times[0]), statistics.quantiles(times[0], n=20)[-1]
    return [*(f"{gain:.4f}" for gain in gains), f"{rate:.0f}", f"{p50:.0f}", f"{p95:.0f}"]


def load(server: Server, token: str, slug: str, wanted: Set) -> dict[str, str]:
    """Upload each passage as a text file; return its id by that of its document."""
    passage_of: dict[str, str] = {}
    for first in range(0, len(wanted.passages), PER_REQUEST):
        passages = wanted.passages[first : first + PER_REQUEST]
        rows = server.upload(
            slug, [(file_name(passage), content(passage)) for passage in passages], token
        )
        passage_of |= {
            row["id"]: passage["id"]
            for row, passage in zip(rows, passages, strict=True)
            if "id" in row
        }
    server.wait_until_indexed(slug, token, seconds=3600)
    failed = server.documents(slug, token, "status=failed")
    if failed or len(passage_of) < len(wanted.passages):
        print(
            f"  {wanted.name}: {len(failed)} failed, {len(wanted.passages) - len(passage_of)} refused"
        )
    return passage_of


def file_name(passage: dict[str, Any]) -> str:
    """Return a name that says nothing of the content."""
    return passage["id"].replace("/", "_") + ".txt"


def content(passage: dict[str, Any]) -> bytes:
    """Return the file of a passage: its title on the first line, then its text."""
    return text_of(passage).encode()


def text_of(passage: dict[str, Any]) -> str:
    """Return title and text."""
    return "\n".join(filter(None, [passage.get("title"), passage["text"]]))


def ask_all(
    server: Server, token: str, slug: str, wanted: Set, mode: str, passage_of: Mapping[str, str]
) -> tuple[float, list[float]]:
    """Ask every question in one mode; return the mean gain and the milliseconds each search took inside."""
    from chat.evaluation.metrics import ndcg

    def ask(question: dict[str, Any]) -> tuple[float, float]:
        body = {"query": question["text"], "top_k": 30, "mode": mode}
        answer = server.call(f"/api/v1/workspaces/{slug}/search/", body, token)
        ranked = [passage_of[hit["document"]["id"]] for hit in answer["hits"]]
        return ndcg(ranked, wanted.grades[question["id"]]), answer["trace"]["ms"]["total"]

    with ThreadPoolExecutor(ASKING) as threads:
        answers = list(threads.map(ask, wanted.questions))
    return statistics.mean(gain for gain, _ms in answers), [ms for _gain, ms in answers]


def floor(wanted: Set) -> float:
    """Return what a plain BM25 gains: no chunks, no vectors, no database."""
    from chat.evaluation.metrics import ndcg
    from language.words import query_terms, terms

    index = PlainIndex({passage["id"]: terms(text_of(passage)) for passage in wanted.passages})
    return statistics.mean(
        ndcg(index.best(query_terms(question["text"])), wanted.grades[question["id"]])
        for question in wanted.questions
    )


class PlainIndex:
    """BM25 as the textbook has it: k1 1.2, b 0.75, the average length of the passages."""

    def __init__(self, documents: Mapping[str, Counter[str]]) -> None:
        self.total = len(documents)
        average = statistics.mean(counted.total() for counted in documents.values())
        self.postings: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for name, counted in documents.items():
            norm = 1.2 * (0.25 + 0.75 * counted.total() / average)
            for term, count in counted.items():
                self.postings[term].append((name, count * 2.2 / (count + norm)))

    def best(self, asked: Counter[str]) -> Sequence[str]:
        """Return the ten best."""
        scores: Counter[str] = Counter()
        for term, times in asked.items():
            found = self.postings.get(term, [])
            idf = math.log(1 + (self.total - len(found) + 0.5) / (len(found) + 0.5))
            for name, weight in found:
                scores[name] += times * idf * weight  # type: ignore[assignment]
        return [name for name, _score in scores.most_common(10)]
