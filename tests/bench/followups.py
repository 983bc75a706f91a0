"""How well questions are found that follow on others: as they are, with the one before appended, and as chats do it.

Conversations of a public set, asked through the search API with the built-in models; by rule alone,
since there is no model here that could rewrite them. QUESTIONS=100 make bench PARTS=followups takes
fewer.
"""

import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench.retrieval import ASKING, Set, load
from support.running_server import Server, running
from support.stack import ROOT

SET = "en/mtrag-un"
FORMAT = "{:<28}" + "{:>12}" * 3

Way = Callable[[str, Sequence[str]], dict[str, Any]]


def main() -> None:
    """Load the set and ask it in each way."""
    sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
    from chat.answering.query_rewriting import is_follow_up

    wanted = Set(SET)
    following = [question for question in wanted.questions if asked_before(question)]
    leaning = [question for question in following if is_follow_up(question["text"])]
    print(FORMAT.format("nDCG@10", "all", "following", "leaning"))
    print(FORMAT.format("questions", len(wanted.questions), len(following), len(leaning)))
    with running() as server:
        token = server.token()
        slug = server.call("/api/v1/workspaces/", {"name": SET}, token)["slug"]
        passage_of = load(server, token, slug, wanted)
        for name, way in WAYS.items():
            gains = ask_all(server, token, slug, wanted, way, passage_of)
            means = [mean(gains, questions) for questions in (wanted.questions, following, leaning)]
            print(FORMAT.format(name, *(f"{value:.4f}" for value in means)), flush=True)


def asked_before(question: dict[str, Any]) -> list[str]:
    """Return what was asked before, oldest first."""
    return [turn["text"] for turn in question.get("history") or () if turn["speaker"] == "user"]


def as_it_is(text: str, before: Sequence[str]) -> dict[str, Any]:
    """Search for the question as it was put."""
    return {"query": text}


def appended(text: str, before: Sequence[str]) -> dict[str, Any]:
    """Search for the question with the one before it."""
    return {"query": " ".join([*before[-1:], text])}


def with_earlier_questions(text: str, before: Sequence[str]) -> dict[str, Any]:
    """Search as a conversation does where no model rewrites."""
    from chat.answering import query_rewriting

    found = query_rewriting.with_earlier_questions(text, before)
    return {"query": found.question, "earlier": found.earlier}


def appended_by_rule(text: str, before: Sequence[str]) -> dict[str, Any]:
    """Search for what people are shown, all words counting alike."""
    from chat.answering import query_rewriting

    return {"query": query_rewriting.with_earlier_questions(text, before).text}


WAYS: Mapping[str, Way] = {
    "as it is": as_it_is,
    "the one before appended": appended,
    "appended by rule": appended_by_rule,
    "by rule, counting less": with_earlier_questions,
}


def ask_all(
    server: Server, token: str, slug: str, wanted: Set, way: Way, passage_of: Mapping[str, str]
) -> dict[str, float]:
    """Return the gain of each question."""
    from chat.evaluation.metrics import ndcg

    def ask(question: dict[str, Any]) -> float:
        body = {**way(question["text"], asked_before(question)), "top_k": 30}
        hits = server.call(f"/api/v1/workspaces/{slug}/search/", body, token)["hits"]
        return ndcg(
            [passage_of[hit["document"]["id"]] for hit in hits], wanted.grades[question["id"]]
        )

    with ThreadPoolExecutor(ASKING) as threads:
        return dict(
            zip(
                (q["id"] for q in wanted.questions), threads.map(ask, wanted.questions), strict=True
            )
        )


def mean(gains: Mapping[str, float], questions: Sequence[dict[str, Any]]) -> float:
    """Return the mean gain of some questions."""
    return statistics.mean(gains[question["id"]] for question in questions)
