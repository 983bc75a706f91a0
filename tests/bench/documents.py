"""How well search tells long documents of one kind apart: real PDFs and manuals, asked through the API.

sec-10q has twenty quarterly reports of five companies; mmlongbench-doc and ohr-manual, documents of
different kinds, show what the evidence of whole documents costs where passages suffice. The weights
were chosen on the questions with even numbers, so odd ones are reported apart.
`SETS="sec-10q" MODES="hybrid lexical" make bench PARTS=documents` runs some.
"""

import json
import os
import re
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench.retrieval import data_folder, lines_of
from support.running_server import Server, running
from support.stack import ROOT

SETS = "sec-10q mmlongbench-doc ohr-manual"
MODES = os.environ.get("MODES", "hybrid lexical dense").split()
ASKING = 4
EVIDENCE_CHARACTERS = 8_000

Hits = Sequence[Mapping[str, Any]]
Measure = Callable[[Mapping[str, Any], Hits], dict[str, float]]


def main() -> None:
    """Load and ask each set, and print a line for each mode and half."""
    sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
    with running() as server:
        token = server.token()
        for name in os.environ.get("SETS", SETS).split():
            questions = lines_of(data_folder() / "docqa" / name / "questions.jsonl")
            slug = load(server, token, name)
            for mode in MODES:
                figures = ask_all(server, token, slug, questions, mode, MEASURES[name])
                for half, label in ((0, "even"), (1, "odd")):
                    of_half = [figure for figure in figures[half::2] if figure]
                    print(f"{name:<16} {mode:<8} {label:<5} {means(of_half)}", flush=True)


def load(server: Server, token: str, name: str) -> str:
    """Upload the documents of a set, and return the workspace when all are indexed."""
    slug: str = server.call("/api/v1/workspaces/", {"name": name}, token)["slug"]
    for path in sorted((data_folder() / "docqa" / name / "docs").iterdir()):
        server.upload(slug, [(path.name, path.read_bytes())], token)
    server.wait_until_indexed(slug, token, seconds=3600)
    return slug


def ask_all(
    server: Server,
    token: str,
    slug: str,
    questions: Sequence[Mapping[str, Any]],
    mode: str,
    measure: Measure,
) -> list[dict[str, float]]:
    """Ask all questions, and return the figures of each; none for a question without an answer."""

    def ask(question: Mapping[str, Any]) -> dict[str, float]:
        body = {"query": question["question"], "top_k": 40, "mode": mode}
        hits = server.call(f"/api/v1/workspaces/{slug}/search/", body, token)["hits"]
        return measure(question, hits)

    with ThreadPoolExecutor(ASKING) as threads:
        return list(threads.map(ask, questions))


def documents_found(question: Mapping[str, Any], hits: Hits) -> dict[str, float]:
    """Measure whether the hits are of the documents that the question names by parts of their names."""
    names = sorted(path.name for path in (data_folder() / "docqa" / "sec-10q" / "docs").iterdir())
    right = {name for name in names if any(part in name for part in question["documents"])}
    found = [hit["document"]["name"] for hit in hits[:10]]
    return {
        "first": float(found[0] in right),
        "precision@10": sum(name in right for name in found) / 10,
        "covered": len(right & {*found}) / max(1, min(10, len(right))),
    }


def pages_found(question: Mapping[str, Any], hits: Hits) -> dict[str, float]:
    """Measure whether a hit has an evidence page of the question."""
    if question["unanswerable"] or not question["evidence"]:
        return {}

    def is_evidence(hit: Mapping[str, Any]) -> bool:
        return any(
            hit["document"]["name"] == place["doc"]
            and (hit["page_from"] or 0) <= place["page"] <= (hit["page_to"] or -1)
            for place in question["evidence"]
        )

    found = [is_evidence(hit) for hit in hits[:10]]
    return {
        "first": float(hits[0]["document"]["name"] == question["doc"]),
        "page in 5": float(any(found[:5])),
        "page in 10": float(any(found)),
    }


def evidence_found(question: Mapping[str, Any], hits: Hits) -> dict[str, float]:
    """Measure how many words of the evidence are in the first hits, of EVIDENCE_CHARACTERS together."""
    evidence = question["evidence"]
    wanted = words(
        evidence if isinstance(evidence, str) else json.dumps(evidence, ensure_ascii=False)
    )
    texts: list[str] = []
    used = 0
    for hit in hits:
        used += len(hit["text"])
        if used > EVIDENCE_CHARACTERS:
            break
        if hit["document"]["name"] == question["document"]:
            texts.append(hit["text"])
    recall = len(wanted & words(" ".join(texts))) / max(1, len(wanted))
    return {
        "first": float(hits[0]["document"]["name"] == question["document"]),
        f"recall of {question['kind']}": recall,
    }


def words(text: str) -> set[str]:
    """Return the words of a text."""
    return set(re.findall(r"\w+", text.lower()))


def means(figures: Sequence[Mapping[str, float]]) -> str:
    """Return the mean of each figure as text."""
    names = dict.fromkeys(name for figure in figures for name in figure)
    return "  ".join(
        f"{name} {statistics.mean(figure[name] for figure in figures if name in figure):.3f}"
        for name in names
    )


MEASURES: Mapping[str, Measure] = {
    "sec-10q": documents_found,
    "mmlongbench-doc": pages_found,
    "ohr-manual": evidence_found,
}
