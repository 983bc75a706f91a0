"""Starting, finding and stopping answers, from any server process."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError

from accounts.models import User
from chat.admission import beginning
from chat.answering import running_answers
from chat.answering.context import Prepared, prepare
from chat.answering.events import redis_relay
from chat.answering.events.notifications import announce
from chat.answering.lookup_barrier import rush_of
from chat.answering.request import Asked
from chat.answering.runner import Answer
from chat.answering.storage import answer_store
from chat.answering.storage.recorder import Stored
from chat.exceptions import NothingHere, UnknownModel, Unstorable
from chat.models import Conversation, Message
from providers import registry
from providers.exceptions import ModelNotFound, ProviderError
from web.database import in_database

# Where a hundred ask at once, more threads would only take turns with those who stream, and none would begin sooner.
_asking: Final = ThreadPoolExecutor(max_workers=settings.SEARCHES_AT_ONCE, thread_name_prefix="asking")
Whose = Callable[[], tuple[Conversation, User]]
# How long a server that stops waits for the ends of its answers to be saved.
LAST_WORDS: Final = 2.5


async def start(
    conversation: Conversation, text: str, *, user: User, model: str | None = None, parent: UUID | None = None
) -> Answer:
    """Store a question and begin its answer, which goes on whoever leaves.

    Raises a `ChatRefusal` when nothing was stored.
    """
    return await start_for(lambda: (conversation, user), text, person=user.pk, model=model, parent=parent)


async def start_for(
    whose: Whose, text: str, *, person: UUID, model: str | None = None, parent: UUID | None = None
) -> Answer:
    """Do the same where conversation and user are still to be looked up; what `whose` raises is passed on."""
    try:
        async with beginning.slot_async(person):
            with rush_of(person).reading():
                asked, prepared = await in_database(_begin, pool=_asking)(whose, text, model=model, parent=parent)
    except (OperationalError, InterfaceError) as error:
        raise Unstorable from error
    answer = Answer(asked, Stored(asked), prepared)
    running_answers.add(answer)
    redis_relay.pass_on(answer.log, str(asked.conversation))
    await announce(str(asked.conversation), str(asked.id))
    return answer


def _begin(whose: Whose, text: str, *, model: str | None, parent: UUID | None) -> tuple[Asked, Prepared | None]:
    """Store the question, then prepare the answer in the same visit to the database."""
    conversation, user = whose()
    own = conversation.workspace.setting("chat_model")
    chosen = model or own
    if chosen != own:
        check_model(chosen, user)
    asked = answer_store.begin(conversation, text, user=user, model=chosen, parent=parent)
    try:
        return asked, prepare(asked)
    except ProviderError:
        return asked, None  # The question is kept; whoever writes the answer will find the same, and say it.


def check_model(model: str, user: User) -> None:
    """Raise `UnknownModel` unless there is such a model and `user` may use it."""
    try:
        if not registry.may_use(user, model):
            raise ModelNotFound(model)
        registry.chat_model(model)
    except ModelNotFound as error:
        raise UnknownModel(model) from error


async def find(conversation: Conversation, message: str) -> str:
    """Return the id of an answer of this conversation; raises `NothingHere` for any other."""
    try:
        pk = UUID(message)
    except ValueError:
        raise NothingHere from None
    there = await in_database(conversation.messages.answers().filter(pk=pk).exists)()
    if not there:
        raise NothingHere
    return str(pk)


async def stop(conversation: Conversation, message: str | None = None) -> list[str]:
    """End an answer of this conversation, or all of them; what has been said stays. Return which were being written."""
    only = await find(conversation, message) if message else None
    running = conversation.messages.streaming().filter(**({"pk": only} if only else {}))
    stopped = await in_database(lambda: [str(pk) for pk in running.values_list("pk", flat=True)])()
    for pk in stopped:
        if answer := running_answers.get(pk):
            answer.stop()
        else:
            # Another process writes it, and looks at its row about once a second if nothing tells it sooner.
            await in_database(Message.objects.streaming().filter(pk=pk).update)(stop_asked=True)
            await redis_relay.stop_elsewhere(pk)
    return stopped


async def shut_down() -> None:
    """End all answers of this process as interrupted and wait a little until they are saved."""
    unended = running_answers.unended()
    for answer in unended:
        answer.stop(Message.Status.INTERRUPTED)
    ends = [asyncio.ensure_future(answer.ended()) for answer in unended]
    if ends:
        await asyncio.wait(ends, timeout=LAST_WORDS)
