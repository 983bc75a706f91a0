"""How often the first line of a built-in answer holds the answer: public sets with the answers' words, no server.

The choice of sentences is run over the passage that answers, and over the eight that a plain BM25
finds. An answer is held if its words stand in the line, regardless of width, script and blanks.
`first` is the first line, `all` the whole answer; the length of the first line stands beside it,
since a longer line holds more. SETS="en/xquad-en" QUESTIONS=1000 make bench PARTS=extractive;
QUESTIONS=0 asks all.
"""

import os
import statistics
import sys
import time
import unicodedata
from collections.abc import Iterable

from bench.retrieval import PlainIndex, Set, text_of
from support.quotable_passage import Quotable
from support.stack import ROOT

SETS = "zh/drcd-dev zh/cmrc2018-trial zh/xquad-zh en/xquad-en"
FOUND = 8
FORMAT = "{:<20}" + "{:>12}" * 6


def main() -> None:
    """Answer the questions of each set, and print a line for it."""
    sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
    print(
        FORMAT.format(
            "% that hold it", "gold first", "gold all", "found first", "found all", "letters", "ms"
        )
    )
    for name in os.environ.get("SETS", SETS).split():
        print(FORMAT.format(name, *measured(Set(name))), flush=True)


def measured(wanted: Set) -> list[str]:
    """Return the figures of one set."""
    from language.words import query_terms, terms

    passages = {passage["id"]: passage for passage in wanted.passages}
    index = PlainIndex({name: terms(text_of(passage)) for name, passage in passages.items()})
    lengths: list[int] = []
    times: list[float] = []
    held: list[list[bool]] = []
    for question in wanted.questions:
        gold = [name for name, grade in wanted.grades[question["id"]].items() if grade > 0]
        found = index.best(query_terms(question["text"]))[:FOUND]
        began = time.perf_counter()
        lines = [
            answer(question["text"], [passages[name] for name in names]) for names in (gold, found)
        ]
        times.append(time.perf_counter() - began)
        held.append(
            [
                holds(part, question["answers"])
                for written in lines
                for part in (written[:1], written)
            ]
        )
        lengths += [len(line) for line in lines[0][:1]]
    shares = [f"{100 * statistics.mean(column):.1f}" for column in zip(*held, strict=True)]
    return [
        *shares,
        f"{statistics.mean(lengths):.0f}",
        f"{1000 * statistics.median(times) / 2:.0f}",
    ]


def answer(question: str, passages: Iterable[dict[str, str]]) -> list[str]:
    """Return the sentences that the built-in model would quote, best first."""
    from providers.builtin.sentence_ranking import best_sentences

    quotable = [
        Quotable(n, passage["text"], document_name=passage.get("title") or "")
        for n, passage in enumerate(passages, start=1)
    ]
    return [quoted.text for quoted in best_sentences(question, quotable)]


def holds(lines: Iterable[str], answers: Iterable[str]) -> bool:
    """Tell whether one of `answers` stands in `lines`."""
    said = plain("\n".join(lines))
    return any(plain(text) in said for text in answers)


def plain(text: str) -> str:
    """Return `text` without blanks and differences of case, width and script."""
    from language.han import fold_han

    return fold_han("".join(unicodedata.normalize("NFKC", text).casefold().split()))
