"""The answers that this process is writing, and for a while those that it has written, by the id of their message."""

import asyncio
from typing import Final

from chat.answering.runner import Answer

# How long events stay after the end, for readers that come back from a lost connection. Later they get a snapshot.
REMEMBERED: Final = 120.0

_answers: dict[str, Answer] = {}


def add(answer: Answer) -> None:
    """Begin `answer` and remember it until some time after its end."""
    key = str(answer.asked.id)
    _answers[key] = answer
    answer.begin().add_done_callback(lambda _task: _forget_later(key))


def get(message: str) -> Answer | None:
    """Return the answer with this message id, if it is or was lately written here."""
    return _answers.get(message)


def unended() -> list[Answer]:
    """Return the answers being written here."""
    return [answer for answer in _answers.values() if not answer.log.ended]


def _forget_later(key: str) -> None:
    asyncio.get_running_loop().call_later(REMEMBERED, _answers.pop, key, None)
