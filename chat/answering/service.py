"""Start, find and stop answers, from any server process."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError

from accounts.models import User
from chat.answering import runner
from chat.answering.events import redis_relay
from chat.answering.events.notifications import announce
from chat.answering.generation import PreparedAnswer, prepare
from chat.answering.lookup_barrier import barrier_of
from chat.answering.request import AnswerRequest
from chat.answering.runner import Answer
from chat.answering.storage import answer_store
from chat.exceptions import NothingHere, TooManyCompletions, UnknownModel, Unstorable
from chat.models import Conversation, Message
from chat.request_slots import question_slots
from providers import registry
from providers.exceptions import ModelNotFound, ProviderError
from web.database import in_database

OpenConversation = Callable[[], tuple[Conversation, User]]
# With more threads, a hundred questions at once would slow down running answers, and none would
# begin earlier.
_question_threads: Final = ThreadPoolExecutor(
    max_workers=settings.SEARCHES_AT_ONCE, thread_name_prefix="asking"
)
SHUTDOWN_SECONDS: Final = 2.5


async def start(
    open_conversation: OpenConversation,
    text: str,
    *,
    person: UUID,
    model: str | None = None,
    parent: UUID | None = None,
) -> Answer:
    """Store a question and begin its answer, which goes on when its readers leave.

    `open_conversation` checks access in the database visit that stores the question; its exceptions
    are passed on. Raises a `ChatRefusal` if nothing was stored.
    """
    try:
        async with question_slots.slot_async(person):
            with barrier_of(person).lookup():
                request, prepared = await in_database(_store_and_prepare, pool=_question_threads)(
                    open_conversation, text, model, parent
                )
    except (OperationalError, InterfaceError) as error:
        raise Unstorable from error
    answer = Answer(request, prepared)
    runner.run(answer)
    redis_relay.publish(answer.log, str(request.conversation))
    await announce(str(request.conversation), str(request.id))
    return answer


def _store_and_prepare(
    open_conversation: OpenConversation, text: str, model: str | None, parent: UUID | None
) -> tuple[AnswerRequest, PreparedAnswer | None]:
    """Store question and answer row, and prepare the answer, in one call to the database thread."""
    conversation, user = open_conversation()
    default = conversation.workspace.setting("chat_model")
    if model and model != default:
        check_model(model, user)
    request = answer_store.begin(
        conversation, text, user=user, model=model or default, parent=parent
    )
    try:
        return request, prepare(request)
    except ProviderError:
        # The question stays stored. `write()` meets the same error, which ends the answer.
        return request, None


def check_model(model: str, user: User) -> None:
    """Raise `UnknownModel` unless the model exists and `user` may use it."""
    try:
        if not registry.may_use(user, model):
            raise ModelNotFound(model)
        registry.chat_model(model)
    except ModelNotFound as error:
        raise UnknownModel(model) from error


_unstored: dict[UUID, set[UUID]] = {}


def start_unstored(request: AnswerRequest) -> Answer:
    """Start an answer that is never stored; raises `TooManyCompletions`.

    Its only reader must stop the answer on leaving.
    """
    check_room(request.user)
    answer = Answer(request, is_stored=False)
    own = _unstored.setdefault(request.user.pk, set())
    own.add(request.id)

    def forget(_task: asyncio.Task[None]) -> None:
        own.discard(request.id)
        if not own:
            _unstored.pop(request.user.pk, None)

    answer.begin().add_done_callback(forget)
    return answer


def check_room(user: User) -> None:
    """Raise `TooManyCompletions` if `user` has COMPLETIONS_AT_ONCE unstored answers in this process."""
    if len(_unstored.get(user.pk, ())) >= settings.COMPLETIONS_AT_ONCE:
        raise TooManyCompletions


async def find(conversation: Conversation, message: str) -> str:
    """Return the id of an answer of this conversation; raises `NothingHere` for any other id."""
    try:
        pk = UUID(message)
    except ValueError:
        raise NothingHere from None
    if not await in_database(conversation.messages.answers().filter(pk=pk).exists)():
        raise NothingHere
    return str(pk)


async def stop(conversation: Conversation, message: str | None = None) -> list[str]:
    """Stop one or all answers of this conversation and keep their text; return their ids."""
    only = await find(conversation, message) if message else None
    running = conversation.messages.streaming().filter(**({"pk": only} if only else {}))
    stopped = await in_database(lambda: [str(pk) for pk in running.values_list("pk", flat=True)])()
    for pk in stopped:
        if answer := runner.answer_here(pk):
            answer.stop()
        else:
            # Another process writes the answer. It reads the row about once a second, and Redis at
            # once.
            await in_database(Message.objects.streaming().filter(pk=pk).update)(stop_asked=True)
            await redis_relay.stop_elsewhere(pk)
    return stopped


async def shut_down() -> None:
    """End all answers of this process as interrupted; wait at most SHUTDOWN_SECONDS until they are saved."""
    unended = runner.unended_answers()
    for answer in unended:
        answer.stop(Message.Status.INTERRUPTED)
    ends = [asyncio.ensure_future(answer.ended()) for answer in unended]
    if ends:
        await asyncio.wait(ends, timeout=SHUTDOWN_SECONDS)
