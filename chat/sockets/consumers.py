"""ConversationConsumer: the WebSocket of one browser tab or program on one conversation.

Clients send ask, stop and resume; the consumer sends the events of answers, which it only reads.
Channels delivers frames one at a time, so a separate task follows each answer.
"""

import asyncio
import json
import logging
from typing import Any, Final

from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.auth.models import AnonymousUser
from django.db import Error as DatabaseError
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.access_watch import while_allowed
from accounts.models import User
from chat import answering
from chat.answering.events.notifications import group_of
from chat.models import Conversation
from chat.sockets.frames import AskFrame, ResumeFrame, StopFrame, UnreadableFrame, read_frame
from web.database import in_database
from web.exceptions import AccessEnded, DatabaseAway, Refusal, is_database_away
from web.languages import language_of

logger = logging.getLogger(__name__)
CLOSE_TRY_AGAIN_LATER: Final = 1013
CLOSE_NOT_ALLOWED: Final = 4404


class ConversationConsumer(AsyncWebsocketConsumer):
    """A socket on `/ws/conversations/{id}/`."""

    scope: Any  # Includes the members that `accounts.sockets` adds.

    async def connect(self) -> None:
        """Accept users who may see the conversation; unknown and foreign ids are refused alike."""
        self._followers: dict[str, asyncio.Task[None]] = {}
        self._begun: set[str] = set()
        self._group = group_of(self.scope["url_route"]["kwargs"]["id"])
        if not await self._may_connect():
            await self.close()
            return
        await self.channel_layer.group_add(self._group, self.channel_name)
        await self.accept(subprotocol=self.scope["chosen_subprotocol"])

    async def disconnect(self, code: int) -> None:
        """Stop following answers; the answers go on."""
        for follower in self._followers.values():
            follower.cancel()
        await self.channel_layer.group_discard(self._group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Handle a frame if its sender may still see the conversation; else close the socket."""
        try:
            await self._obey(read_frame(text_data))
        except AccessEnded:
            await self.close(CLOSE_NOT_ALLOWED)
        except (UnreadableFrame, Refusal) as refusal:
            await self._refuse(refusal.code, str(refusal))
        except DatabaseError as error:
            _note("A frame could not be handled.", error)
            away = DatabaseAway()
            await self._refuse(away.code, str(away))
        except Exception:
            logger.exception("A frame could not be handled.")
            await self._refuse(
                "server_error", _("Something went wrong. The error has been logged.")
            )

    async def answer_begun(self, news: dict[str, Any]) -> None:
        """Follow a new answer of the conversation; a handler of the channel layer."""
        if news["message"] not in self._begun | self._followers.keys():
            self._follow(news["message"], after=0)
        # A notification may arrive twice, the second time after the answer has ended.
        self._begun.add(news["message"])

    async def _obey(self, frame: AskFrame | StopFrame | ResumeFrame) -> None:
        match frame:
            case AskFrame(text, model, parent):
                answer = await answering.start(
                    self._mine, text, person=self._person, model=model, parent=parent
                )
                await self.answer_begun({"message": str(answer.request.id)})
            case StopFrame(message):
                await answering.stop(await self._look(), message)
            case ResumeFrame(message, after):
                self._follow(await answering.find(await self._look(), message), after=after)

    async def _may_connect(self) -> bool:
        try:
            await self._look()
            return True
        except AccessEnded:
            return False
        except DatabaseError as error:
            _note("A socket was refused.", error)
            return False

    async def _look(self) -> Conversation:
        """Return the conversation if the caller may still see it; else raise `AccessEnded`."""
        conversation, user = await in_database(self._mine)()
        self._person = user.pk
        translation.activate(user.language or language_of(self.scope))
        return conversation

    def _mine(self) -> tuple[Conversation, User]:
        user = self.scope["who"]()
        conversation = Conversation.seen_by(user, self.scope["url_route"]["kwargs"]["id"])
        if conversation is None:
            raise AccessEnded
        return conversation, user

    def _follow(self, message: str, after: int) -> None:
        """Send the events of an answer after number `after`; replaces an earlier follower."""
        if before := self._followers.pop(message, None):
            before.cancel()
        follower = asyncio.create_task(self._send_events(message, after))
        self._followers[message] = follower
        follower.add_done_callback(lambda task: self._forget(message, task))

    def _forget(self, message: str, task: asyncio.Task[None]) -> None:
        if self._followers.get(message) is task:
            del self._followers[message]

    async def _send_events(self, message: str, after: int) -> None:
        def may_read(user: User | AnonymousUser) -> bool:
            return Conversation.seen_by(user, self.scope["url_route"]["kwargs"]["id"]) is not None

        try:
            async with while_allowed(self.scope["who"], may_read):
                async for event in answering.follow(message, after):
                    await self.send(text_data=json.dumps(event, ensure_ascii=False))
        except AccessEnded:
            await self.close(CLOSE_NOT_ALLOWED)
        except Exception as error:
            # A client reconnects and resumes when its socket is closed; without a close it would
            # wait for events for ever.
            _note(f"The events of {message} could not be sent.", error)
            await self.close(CLOSE_TRY_AGAIN_LATER)

    async def _refuse(self, code: str, message: str) -> None:
        error = {"code": code, "message": message}
        await self.send(
            text_data=json.dumps({"type": "error", **error, "error": error}, ensure_ascii=False)
        )


def _note(what: str, error: Exception) -> None:
    """Log an error with its traceback, or in one line if the database is unavailable."""
    if is_database_away(error):
        logger.warning("%s The database does not answer.", what)
    else:
        logger.error(what, exc_info=error)
