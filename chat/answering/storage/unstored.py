"""Answers of which nothing is stored: each belongs to its one reader, who stops it when leaving.

Nobody has more than so many at once in a process, or one program could take the models from everybody else.
"""

from uuid import UUID

from django.conf import settings

from accounts.models import User
from chat.answering.request import Asked
from chat.answering.runner import Answer
from chat.answering.storage.recorder import Unstored
from chat.exceptions import TooManyCompletions

_running: dict[UUID, set[UUID]] = {}


def check_room(user: User) -> None:
    """Raise `TooManyCompletions` when `user` has as many answers as one may have."""
    if len(_running.get(user.pk, ())) >= settings.COMPLETIONS_AT_ONCE:
        raise TooManyCompletions


def start_unstored(asked: Asked) -> Answer:
    """Begin an answer; raises `TooManyCompletions`."""
    check_room(asked.user)
    answer = Answer(asked, Unstored(asked))
    _running.setdefault(asked.user.pk, set()).add(asked.id)
    answer.begin().add_done_callback(lambda _task: _ended(asked))
    return answer


def _ended(asked: Asked) -> None:
    mine = _running[asked.user.pk]
    mine.discard(asked.id)
    if not mine:
        del _running[asked.user.pk]
