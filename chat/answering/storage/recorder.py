"""Keepers: where an answer is kept while it grows and when it has ended; in the database, or nowhere."""

import asyncio
import time
from typing import Any, Final, Protocol
from uuid import UUID

from django.db import Error as DatabaseError

from chat.answering.draft import Draft
from chat.answering.request import Asked
from chat.answering.storage import answer_store, save_batches
from chat.answering.storage.answer_store import End, Save, State, Verdict
from chat.api.serializers import message_json
from chat.models import Citation
from web.database import in_database

# How long the end of an answer waits for a database that is away, for example being started again.
PATIENCE: Final = 60.0
FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 2.0


class Keeper(Protocol):
    """Keeps one answer."""

    async def keep(self, draft: Draft) -> Verdict:
        """Save how far it has come; say whether it is still wanted."""

    async def finish(self, draft: Draft, end: End) -> dict[str, Any]:
        """Save it for good and return it as JSON."""


class Stored:
    """Keeps an answer in its row."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._kept: tuple[Citation, ...] = ()
        self._numbers: set[int] = set()

    async def keep(self, draft: Draft) -> Verdict:
        """Save how far it has come."""
        draft.flush()
        state = state_of(draft)
        new = tuple(citation for citation in state.citations if not any(citation is kept for kept in self._kept))
        self._numbers |= {citation.n for citation in new}  # Rows may have them even if the wait below is cancelled.
        verdict = await save_batches.keep(Save(self._asked.id, state, new, self._gone(state)))
        self._kept = state.citations
        return verdict

    async def finish(self, draft: Draft, end: End) -> dict[str, Any]:
        """Save it for good, however often that takes while the database is away."""
        state = state_of(draft)
        saved = await _persistently(self._asked.id, state, end, self._gone(state))
        return saved or as_json(self._asked, state, end)

    def _gone(self, state: State) -> frozenset[int]:
        """Return the numbers of citations that rows may have although they stand no longer."""
        return frozenset(self._numbers) - {citation.n for citation in state.citations}


class Unstored:
    """Keeps nothing: for programs that keep their conversations themselves."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked

    async def keep(self, draft: Draft) -> Verdict:
        """Keep nothing."""
        return Verdict.GO_ON

    async def finish(self, draft: Draft, end: End) -> dict[str, Any]:
        """Return it as JSON."""
        return as_json(self._asked, state_of(draft), end)


def state_of(draft: Draft) -> State:
    """Return what `draft` has come to, as it can be handed to another thread."""
    return State(draft.text, draft.reasoning, draft.citations, draft.log.last, dict(draft.trace))


async def _persistently(pk: UUID, state: State, end: End, gone: frozenset[int]) -> dict[str, Any] | None:
    deadline, pause = time.monotonic() + PATIENCE, FIRST_PAUSE
    while True:
        try:
            return await in_database(answer_store.finish)(pk, state, end, gone)
        except DatabaseError:
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def as_json(asked: Asked, state: State, end: End) -> dict[str, Any]:
    """Return the message as its row would read, without asking the database."""
    message = asked.message
    fields = {
        "text": state.text,
        "reasoning": state.reasoning,
        "trace": state.trace,
        "status": end.status,
        "ms": end.ms,
        "usage": end.usage,
        "error_code": end.error_code,
        "error_message": end.error_message,
    }
    for name, value in fields.items():
        setattr(message, name, value)
    message._prefetched_objects_cache = {"citations": list(state.citations)}  # type: ignore[attr-defined]
    return message_json(message)
