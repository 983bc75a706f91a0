"""Limits of simultaneous questions, searches and embeddings in a web process, by turns among people.

A search is mostly Python code, of which one thread runs at a time, so more searches at once would
only delay each other. Calls to model servers take no processor time here and have separate slots.
The mechanism is `web.admission`.
"""

import asyncio
from typing import Final
from uuid import UUID
from weakref import WeakValueDictionary

from django.conf import settings

from chat.retrieval import Rerank
from providers.registry import is_built_in
from web.admission import Admission
from workspaces.models import Workspace

MAX_SERVER_CALLS: Final = 8
# No limit per person: storing a question is short, and a limit would only delay the questions of a
# person who asks many at once.
question_slots: Final = Admission(settings.SEARCHES_AT_ONCE, settings.REQUESTS_WAITING)
search_slots: Final = Admission(
    settings.SEARCHES_AT_ONCE, settings.REQUESTS_WAITING, each=settings.SEARCHES_AT_ONCE - 1
)
server_call_slots: Final = Admission(
    MAX_SERVER_CALLS, settings.REQUESTS_WAITING, each=MAX_SERVER_CALLS - 1
)
_answer_semaphores: Final[WeakValueDictionary[UUID, asyncio.Semaphore]] = WeakValueDictionary()


def slots_for(workspace: Workspace, *, rerank: Rerank = None) -> Admission:
    """Return the slots for a search of `workspace`.

    A search that embeds its query or reranks its hits on a model server takes a slot for server
    calls.
    """
    reranks = bool(workspace.setting("rerank_model")) if rerank is None else bool(rerank)
    waits = reranks or not is_built_in(str(workspace.setting("embedding_model")))
    return server_call_slots if waits else search_slots


def answer_semaphore(person: UUID) -> asyncio.Semaphore:
    """Return the semaphore that limits the simultaneous answers of one person.

    Answers beyond ANSWERS_PER_PERSON wait in order.
    """
    return _answer_semaphores.setdefault(person, asyncio.Semaphore(settings.ANSWERS_PER_PERSON))
