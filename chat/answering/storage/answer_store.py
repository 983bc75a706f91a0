"""Statements on the rows of questions and answers: insert both, save the answer, end it once.

Synchronous; called through `in_database`. The process that writes an answer calls `save` about once
a second, which also proves that the process is alive. A late `save` cannot undo an end: it changes
only rows that are still streaming.
"""

import json
from collections.abc import Collection, Sequence
from contextlib import nullcontext
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from chat.answering.request import AnswerRequest
from chat.api.serializers import message_json
from chat.exceptions import NothingHere, TooManyAnswers
from chat.models import Citation, Conversation, Message
from chat.prompting.builder import ChatTurn
from chat.services import title_from
from ingestion.models import Document
from web.compiled_querysets import CompiledQueryset

# An answer is saved about once a second while its process lives.
ORPHANED_AFTER: Final = timedelta(seconds=6)
_QUOTATION_FIELDS: Final = ["quote", "support", "page_from", "page_to", "boxes"]


@dataclass(frozen=True, slots=True)
class AnswerState:
    """An answer as it stood at event `seq`."""

    text: str
    reasoning: str
    citations: tuple[Citation, ...]
    seq: int
    trace: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AnswerEnd:
    """The final status of an answer, its duration and its error."""

    status: Message.Status
    ms: int
    error_code: str = ""
    error_message: str = ""
    usage: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class AnswerSave:
    """The changes of one answer in a batch: state, new citations, numbers of deleted citations."""

    pk: UUID
    state: AnswerState
    new: tuple[Citation, ...] = ()
    gone: frozenset[int] = frozenset()


class Verdict(Enum):
    """Whether an answer is still wanted."""

    GO_ON = "go on"
    STOP = "stop"
    GONE = "gone"


def begin(
    conversation: Conversation, text: str, *, user: User, model: str, parent: UUID | None
) -> AnswerRequest:
    """Insert a question and the row of its answer.

    Raises `TooManyAnswers`, or `NothingHere` for a parent of another conversation.
    """
    messages = _MESSAGES.rows(conversation.pk)
    if (
        sum(status == Message.Status.STREAMING for *_ids, status in messages)
        >= settings.ANSWERS_AT_ONCE
    ):
        raise TooManyAnswers
    parents = {pk: parent for pk, parent, _role, _status in messages}
    # A streaming answer lacks words, so a question without a parent follows the newest answer that
    # is final.
    answers = (
        (pk, status) for pk, _parent, role, status in messages if role == Message.Role.ASSISTANT
    )
    previous = parent or next(
        (pk for pk, status in answers if status != Message.Status.STREAMING), None
    )
    if previous is not None and previous not in parents:
        raise NothingHere
    question = Message(
        conversation=conversation, role=Message.Role.USER, text=text, parent_id=previous
    )
    answer = Message(
        conversation=conversation, role=Message.Role.ASSISTANT, parent=question, model=model
    )
    answer.status = Message.Status.STREAMING
    conversation.title = conversation.title or title_from(text)
    _insert(conversation, question, answer)
    before = []
    while previous is not None:
        before.append(previous)
        previous = parents[previous]
    return AnswerRequest(
        user=user,
        question=text,
        model=model,
        workspace=conversation.workspace,
        stored=answer,
        before=tuple(before),
        id=answer.pk,
    )


_MESSAGES: Final = CompiledQueryset(
    lambda conversation: (
        Message.objects.filter(conversation=conversation)
        .order_by("-id")
        .values_list("pk", "parent_id", "role", "status")
    ),
    UUID,
)
_INSERT: Final = """
    WITH called AS (UPDATE chat_conversation SET title = %s, changed = %s WHERE id = %s)
    INSERT INTO chat_message ({columns}) VALUES ({marks}), ({marks})
"""


def _insert(conversation: Conversation, *messages: Message) -> None:
    """Insert two messages and update their conversation, in one statement to save round trips."""
    fields = Message._meta.concrete_fields
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    statement = _INSERT.format(columns=columns, marks=", ".join(["%s"] * len(fields)))
    values = [
        field.get_db_prep_save(field.pre_save(message, add=True), connection)
        for message in messages
        for field in fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement, [conversation.title, timezone.now(), conversation.pk, *values])
    for message in messages:
        message._state.adding = False


def turns_of(messages: Sequence[UUID]) -> tuple[ChatTurn, ...]:
    """Return the turns, oldest first. `messages` is ordered newest first.

    Questions without an answer are left out, since models expect user and assistant to take turns.
    """
    rows = Message.objects.only("role", "text").in_bulk(messages) if messages else {}
    turns: list[ChatTurn] = []
    for question, answer in pairwise([rows[pk] for pk in reversed(messages) if pk in rows]):
        if (
            question.role == Message.Role.USER
            and answer.role == Message.Role.ASSISTANT
            and answer.text.strip()
        ):
            turns += [ChatTurn("user", question.text), ChatTurn("assistant", answer.text)]
    return tuple(turns)


def save(saves: Sequence[AnswerSave]) -> list[Verdict]:
    """Save the states of growing answers with the time; return a verdict for each answer."""
    with transaction.atomic() if any(save.new or save.gone for save in saves) else nullcontext():
        saved = _save_states(saves)
        for save in saves:
            if save.gone and save.pk in saved:
                Citation.objects.filter(message_id=save.pk, n__in=save.gone).delete()
            if save.new and save.pk in saved:
                _add_citations(save.pk, save.new)
    unsaved = [save.pk for save in saves if save.pk not in saved]
    stop_asked = dict(Message.objects.filter(pk__in=unsaved).values_list("pk", "stop_asked"))
    # A row that is no longer streaming without a request to stop was taken for an orphan: its
    # writer's end corrects it.
    verdicts = {pk: Verdict.STOP if stop else Verdict.GO_ON for pk, stop in stop_asked.items()}
    return [
        Verdict.GO_ON if save.pk in saved else verdicts.get(save.pk, Verdict.GONE) for save in saves
    ]


_SAVE_STATES: Final = """
    UPDATE chat_message AS message
    SET text = new.text, reasoning = new.reasoning, seq = new.seq, trace = new.trace, heard_of = %s
    FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::integer[], %s::jsonb[]) AS new (id, text, reasoning, seq, trace)
    WHERE message.id = new.id AND message.status = 'streaming' AND NOT message.stop_asked
    RETURNING message.id
"""


def _save_states(saves: Sequence[AnswerSave]) -> set[UUID]:
    """Update the rows of answers that are still wanted, in one statement; return their ids."""
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
        cursor.execute(_SAVE_STATES, values)
        return {pk for (pk,) in cursor.fetchall()}


def finish(
    pk: UUID, state: AnswerState, end: AnswerEnd, gone: frozenset[int] = frozenset()
) -> dict[str, Any] | None:
    """Save the final answer and delete the citations numbered `gone`; return the message as JSON.

    The JSON shows which cited documents have been deleted meanwhile. Returns None if the answer has
    no citations or its row was deleted.
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
    """Insert citations, or update the quotations of citations that are stored already.

    A citation of a document deleted since keeps only the document's name.
    """
    there = set(
        Document.objects.filter(pk__in=[c.document_id for c in citations]).values_list(
            "pk", flat=True
        )
    )
    rows = []
    for citation in citations:
        row = copy(citation)
        row.message_id = pk
        row.document_id = citation.document_id if citation.document_id in there else None
        rows.append(row)
    Citation.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["message", "n"], update_fields=_QUOTATION_FIELDS
    )


def interrupt_orphans(*, only: str | None = None, except_for: Collection[str] = ()) -> int:
    """Mark answers that no process has saved for some seconds as interrupted, or only answer `only`; return how many.

    The text is kept. A process that was only slow replaces the status with its own end.
    """
    orphans = (
        Message.objects.streaming()
        .filter(heard_of__lt=timezone.now() - ORPHANED_AFTER)
        .exclude(pk__in=except_for)
    )
    if only is not None:
        orphans = orphans.filter(pk=only)
    return orphans.update(status=Message.Status.INTERRUPTED, seq=F("seq") + 1)
