"""What is read before an answer is written: passages, how many documents are ready, and what was said before.

Synchronous, one visit to the database; called through `in_database`.
"""

import time
from dataclasses import dataclass
from typing import Any

from chat import retrieval
from chat.answering.asked import Asked
from chat.answering.saving import said_before
from chat.passages import Passage
from chat.prompts import Material, Turn
from chat.readiness import Readiness, readiness_of


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to answer from. `state` is None where no documents were searched."""

    history: tuple[Turn, ...]
    passages: tuple[Passage, ...] = ()
    state: Readiness | None = None
    trace: dict[str, Any] | None = None
    ms: float = 0.0

    def event(self) -> dict[str, Any]:
        """Return the members of `search.done`."""
        assert self.state is not None
        hits = [passage.as_json() for passage in self.passages]
        return {"hits": hits, "ms": round(self.ms, 1), "documents": self.state.as_json()}

    def material(self, asked: Asked, language: str) -> Material:
        """Return what the prompt is made of."""
        workspace = asked.workspace
        own = [workspace.setting("system_prompt") if workspace else "", asked.instructions]
        return Material(
            question=asked.question,
            language=language,
            passages=self.passages,
            history=self.history,
            mode=workspace.setting("mode") if workspace else "assist",
            instructions="\n\n".join(filter(None, own)),
            state=self.state,
        )


def look_up(asked: Asked) -> Found:
    """Search the documents of the workspace as the one who asks may see them, and read what was said before."""
    history = _history(asked)
    if asked.workspace is None:
        return Found(history)
    began = time.perf_counter()
    state = readiness_of(asked.workspace)
    found = retrieval.search_for_prompt(asked.user, asked.workspace, asked.question)
    passages = tuple(
        Passage(
            n=n,
            chunk=hit.chunk,
            document_id=hit.document.id,
            document_name=hit.document.name,
            version=hit.document.version,
            headings=tuple(hit.headings),
            page_from=hit.page_from,
            page_to=hit.page_to,
            text=hit.text,
            score=hit.score,
        )
        for n, hit in enumerate(found.hits, start=1)
    )
    return Found(history, passages, state, found.trace, (time.perf_counter() - began) * 1000)


def _history(asked: Asked) -> tuple[Turn, ...]:
    if asked.history is not None or asked.stored is None:
        return asked.history or ()
    most = asked.workspace.setting("history_messages") if asked.workspace else 0
    return said_before(asked.stored, most)
