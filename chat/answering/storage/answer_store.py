"""The rows of questions and answers: stored before anything else, kept up to date while an answer grows, ended exactly.

Synchronous; called through `in_database`. Whoever writes an answer calls `keep` about once a second, which also says
that it is alive. A late `keep` can't undo an end: it touches only rows that are still streaming.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from copy import copy
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from chat.answering.request import Asked
from chat.api.serializers import message_json
from chat.exceptions import NothingHere, TooManyAnswers
from chat.models import Citation, Conversation, Message
from chat.prompting.builder import Turn
from chat.services import title_from
from ingestion.models import Document
from web.compiled_querysets import Compiled

_OF_A_QUOTATION: Final = ["quote", "support", "page_from", "page_to", "boxes"]


@dataclass(frozen=True, slots=True)
class State:
    """An answer as it stood at event `seq`."""

    text: str
    reasoning: str
    citations: tuple[Citation, ...]
    seq: int
    trace: dict[str, Any]


@dataclass(frozen=True, slots=True)
class End:
    """How an answer ended."""

    status: Message.Status
    ms: int
    error_code: str = ""
    error_message: str = ""
    usage: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Save:
    """What is to be saved of an answer that is being written.

    `new` are citations that are not saved yet, `gone` the numbers of those that were saved and stand no longer.
    """

    pk: UUID
    state: State
    new: tuple[Citation, ...] = ()
    gone: frozenset[int] = frozenset()


class Verdict(Enum):
    """Whether an answer is still wanted."""

    GO_ON = "go on"
    STOP = "stop"
    GONE = "gone"


def begin(conversation: Conversation, text: str, *, user: User, model: str, parent: UUID | None) -> Asked:
    """Store a question and the answer that is to come. Raises `NothingHere` for a parent from elsewhere."""
    said = _SAID.rows(conversation.pk)
    if sum(status == Message.Status.STREAMING for _pk, _parent, _role, status in said) >= settings.ANSWERS_AT_ONCE:
        raise TooManyAnswers
    parents = {pk: parent for pk, parent, _role, _status in said}
    before = parent or _newest_answer(said)
    if before is not None and before not in parents:
        raise NothingHere
    question = Message(conversation=conversation, role=Message.Role.USER, text=text, parent_id=before)
    answer = Message(conversation=conversation, role=Message.Role.ASSISTANT, parent=question, model=model)
    answer.status = Message.Status.STREAMING
    conversation.title = conversation.title or title_from(text)
    _store(conversation, question, answer)
    asked = Asked(user=user, question=text, model=model, workspace=conversation.workspace, stored=answer, id=answer.pk)
    return replace(asked, before=_line(before, parents))


_STORE: Final = """
    WITH called AS (UPDATE chat_conversation SET title = %s, changed = %s WHERE id = %s)
    INSERT INTO chat_message ({columns}) VALUES ({marks}), ({marks})
"""


def _store(conversation: Conversation, *messages: Message) -> None:
    """Insert two messages and touch their conversation, all in one statement: nobody's first word waits for less."""
    fields = Message._meta.concrete_fields
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    statement = _STORE.format(columns=columns, marks=", ".join(["%s"] * len(fields)))
    values = [
        field.get_db_prep_save(field.pre_save(message, add=True), connection)
        for message in messages
        for field in fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement, [conversation.title, timezone.now(), conversation.pk, *values])
    for message in messages:
        message._state.adding = False


_SAID: Final = Compiled(
    lambda conversation: (
        Message.objects.filter(conversation=conversation)
        .order_by("-id")
        .values_list("pk", "parent_id", "role", "status")
    ),
    UUID,
)


def _newest_answer(said: Sequence[tuple[UUID, UUID | None, str, str]]) -> UUID | None:
    """Return what a question follows on; not an answer that is being written, whose words would be missing from it."""
    for pk, _parent, role, status in said:
        if role == Message.Role.ASSISTANT and status != Message.Status.STREAMING:
            return pk
    return None


def _line(newest: UUID | None, parents: Mapping[UUID, UUID | None]) -> tuple[UUID, ...]:
    """Return the messages that lead to `newest` and it itself, the newest first."""
    line = []
    while newest is not None:
        line.append(newest)
        newest = parents[newest]
    return tuple(line)


def said_before(line: Sequence[UUID]) -> tuple[Turn, ...]:
    """Return what was said in the messages of `line`, newest first, as turns, oldest first.

    Questions that were never answered are left out: models expect one to speak after the other.
    """
    found = Message.objects.only("role", "text").in_bulk(line) if line else {}
    return tuple(_answered([found[pk] for pk in reversed(line) if pk in found]))


def _answered(messages: Sequence[Message]) -> Iterator[Turn]:
    for question, answer in pairwise(messages):
        if question.role == Message.Role.USER and answer.role == Message.Role.ASSISTANT and answer.text.strip():
            yield Turn("user", question.text)
            yield Turn("assistant", answer.text)


def keep(saves: Sequence[Save]) -> list[Verdict]:
    """Save how far some answers have come, and say that their writer lives."""
    with transaction.atomic() if any(save.new or save.gone for save in saves) else nullcontext():
        kept = _kept(saves)
        for save in saves:
            if save.gone and save.pk in kept:
                Citation.objects.filter(message_id=save.pk, n__in=save.gone).delete()
            if save.new and save.pk in kept:
                _add_citations(save.pk, save.new)
    return [Verdict.GO_ON if save.pk in kept else _verdict(save.pk) for save in saves]


_KEEP = """
    UPDATE chat_message AS message
    SET text = new.text, reasoning = new.reasoning, seq = new.seq, trace = new.trace, heard_of = %s
    FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::integer[], %s::jsonb[]) AS new (id, text, reasoning, seq, trace)
    WHERE message.id = new.id AND message.status = 'streaming' AND NOT message.stop_asked
    RETURNING message.id
"""


def _kept(saves: Sequence[Save]) -> set[UUID]:
    """Update the rows of those answers that are still wanted, in one statement; return which these are."""
    states = [save.state for save in saves]
    values = (
        timezone.now(),
        [save.pk for save in saves],
        [state.text for state in states],
        [state.reasoning for state in states],
        [state.seq for state in states],
        [json.dumps(state.trace) for state in states],
    )
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, values)
        return {pk for (pk,) in cursor.fetchall()}


def _verdict(pk: UUID) -> Verdict:
    stop_asked = Message.objects.filter(pk=pk).values_list("stop_asked", flat=True).first()
    if stop_asked is None:
        return Verdict.GONE
    # Else somebody took the writer for dead. It is not, and its end will say so.
    return Verdict.STOP if stop_asked else Verdict.GO_ON


def finish(pk: UUID, state: State, end: End, gone: frozenset[int] = frozenset()) -> dict[str, Any] | None:
    """Save the answer as it will stay, and return it as JSON where its row knows more than its writer.

    That is what has become of the documents it cites; None where it cites none, or has been deleted meanwhile.
    `gone` are the numbers of citations that were saved and stand no longer.
    """
    with transaction.atomic() if state.citations or gone else nullcontext():
        if gone:
            Citation.objects.filter(message_id=pk, n__in=gone).delete()
        Message.objects.filter(pk=pk).update(
            text=state.text,
            reasoning=state.reasoning,
            seq=state.seq + 1,
            trace=state.trace,
            heard_of=timezone.now(),
            status=end.status,
            ms=end.ms,
            error_code=end.error_code,
            error_message=end.error_message,
            usage=end.usage,
        )
        message = Message.objects.filter(pk=pk).first() if state.citations else None
        if message is None:
            return None
        _add_citations(pk, state.citations)
        return message_json(message)


def _add_citations(pk: UUID, citations: Sequence[Citation]) -> None:
    """Add them; of those that are there already only the quotation can have grown, and with it its place.

    A document deleted since is cited by its name alone.
    """
    there = set(Document.objects.filter(pk__in=[c.document_id for c in citations]).values_list("pk", flat=True))
    rows = []
    for citation in citations:
        row = copy(citation)
        row.message_id = pk
        row.document_id = citation.document_id if citation.document_id in there else None
        rows.append(row)
    Citation.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["message", "n"], update_fields=_OF_A_QUOTATION
    )
