"""How many questions, searches and embeddings a web process works on at once, by turns among people.

Searching is mostly Python, of which one thread runs at a time: more at once would only hold up
everyone else. Calls to the server of a model are no work for this machine and have slots of their
own.
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
# No cap per person: a hundred questions of one person that begin at once would begin later by it,
# and are short work.
beginning: Final = Admission(settings.SEARCHES_AT_ONCE, settings.REQUESTS_WAITING)
searching: Final = Admission(
    settings.SEARCHES_AT_ONCE, settings.REQUESTS_WAITING, each=settings.SEARCHES_AT_ONCE - 1
)
calling_servers: Final = Admission(
    MAX_SERVER_CALLS, settings.REQUESTS_WAITING, each=MAX_SERVER_CALLS - 1
)
_writing: Final[WeakValueDictionary[UUID, asyncio.Semaphore]] = WeakValueDictionary()


def slots_for(workspace: Workspace, *, rerank: Rerank = None) -> Admission:
    """Return the slots for a search of `workspace`: it may wait for a server to embed the question or to rerank."""
    reranks = bool(workspace.setting("rerank_model")) if rerank is None else bool(rerank)
    waits = reranks or not is_built_in(str(workspace.setting("embedding_model")))
    return calling_servers if waits else searching


def writing(person: UUID) -> asyncio.Semaphore:
    """Return what an answer of this person holds while it is written; others of theirs wait for it in order."""
    return _writing.setdefault(person, asyncio.Semaphore(settings.ANSWERS_PER_PERSON))
