"""Output of a hostile model: processor time is linear in its length, and few characters are held back."""

import gc
import time
from collections.abc import Callable

import pytest

from chat.citing.scanner import CitationScanner
from providers.http.think_tags import ThinkTags

LENGTH = 4_000
# Four times the length: linear work takes four times as long, quadratic work sixteen times.
MOST_GROWTH = 8
QUICK_SECONDS = 0.01
MOST_HELD = 6_000
RUNS = {
    "brackets": "[",
    "half marks": "[1, ",
    "wide brackets": "【",
    "labels": "(source ",
    "angles": "<",
    "half tags": "</think",
    "quoted tags": "`</think>` ",
    "digits": "1",
    "spaces": " ",
    "lines": "\n",
    "backticks": "`",
    "fences": "\n```",
    "Chinese": "来源",
    "letters": "a",
    "half channels": "<|",
}
STARTS = {
    "nothing": "",
    "a thought": "<think>",
    "a channel": "<|channel|>",
    "code": "\n```\n",
    "an answer": "So ",
}


def read_by_tags(text: str, size: int, *, begins_thinking: bool = False) -> int:
    """Read a text in pieces; return the most characters that were held back."""
    tags, most = ThinkTags(begins_thinking=begins_thinking), 0
    for start in range(0, len(text), size):
        tags.feed(text[start : start + size])
        most = max(most, len(tags._held), len(tags._channels._held), len(tags._channels._header))
    tags.finish()
    return most


def read_by_template(text: str, size: int) -> int:
    """Read a text of a model whose template opens the thought."""
    return read_by_tags(text, size, begins_thinking=True)


def read_for_citations(text: str, size: int) -> int:
    """Read a text in pieces; return the most characters that were held back."""
    scanner, most = CitationScanner({1, 2}), 0
    for start in range(0, len(text), size):
        list(scanner.feed(text[start : start + size]))
        most = max(most, len(scanner._buffer), len(scanner._given))
    list(scanner.finish())
    return most


READERS = {
    "tags": (read_by_tags, list(STARTS)),
    "template": (read_by_template, ["nothing"]),
    "citations": (read_for_citations, ["nothing", "code"]),
}


def seconds(read: Callable[[str, int], int], text: str, size: int) -> float:
    """Return the processor time of the faster of two runs, without garbage collection."""
    taken = []
    gc.disable()
    try:
        for _time in range(2):
            began = time.thread_time()
            assert read(text, size) <= MOST_HELD
            taken.append(time.thread_time() - began)
    finally:
        gc.enable()
    return min(taken)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("run", RUNS)
def test_time_grows_with_the_length_of_the_output(reader, run):
    (read, starts), slow = READERS[reader], {}
    for start in starts:
        # Large pieces are cheap, so they have to be longer to show anything.
        for size, length in ((1, LENGTH), (10**7, 5 * LENGTH)):
            before = STARTS[start]
            text = RUNS[run] * (length // len(RUNS[run]))
            short = max(seconds(read, before + text, size), QUICK_SECONDS)
            if (long := seconds(read, before + text * 4, size)) > short * MOST_GROWTH:
                slow[start, size] = (short, long)
    assert slow == {}
