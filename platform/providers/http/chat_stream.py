"""A chat model of a server, for all protocols: requests, streams and time limits; repeats requests after refusals.

The subclasses of the protocols build the request bodies and the readers of lines.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any, Final, Protocol

from providers.exceptions import ProviderError, ProviderRefused, ProviderUnavailable
from providers.http.client import ServerClient
from providers.http.refusals import refuses_system_role
from providers.http.timeouts import StreamTimer
from providers.model_names import nearest_names
from providers.protocols import ChatEvent, ChatRequest, FoundModel

Body = dict[str, Any]
# By address and name: models that refused a system message. Known until the process ends, so that
# they refuse it once.
_without_system_role: Final[set[tuple[str, str]]] = set()


class AnswerReader(Protocol):
    """Turns the lines of one answer into events."""

    complete: bool
    """Whether the answer has ended; what may still come is of no weight."""

    def feed(self, line: bytes) -> Sequence[ChatEvent]:
        """Read the next line; raises a ProviderError."""

    def finish(self) -> Sequence[ChatEvent]:
        """Return what was held back, `Done` last; raises a ProviderError where the answer did not end."""


class ServedChat(ABC):
    """A chat model on a server. It may be asked by several at once."""

    path: str

    def __init__(self, client: ServerClient, model: str, found: FoundModel) -> None:
        self.id = model
        self.name = found.name
        self.context_tokens = found.context_tokens
        self.takes_system_prompt = found.takes_system_prompt
        self.client = client
        self.found = found

    @abstractmethod
    def body(self, request: ChatRequest) -> Body:
        """Return what to send."""

    @abstractmethod
    def reader(self) -> AnswerReader:
        """Return one who reads the answer."""

    @abstractmethod
    def mended(self, body: Body, refused: ProviderError) -> Body | None:
        """Return what to send instead after a refusal that can be mended, else None."""

    @abstractmethod
    async def names(self) -> list[str]:
        """Return the names of the models on the server."""

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent]:
        """Answer piece by piece, `Done` last. Leaving it closes the line; raises a ProviderError."""
        await self.client.ready()
        first = self.body(request)
        known = (self.client.base_url, self.name) in _without_system_role
        body: Body | None = (_without_system(first) if known else None) or first
        timer = StreamTimer(self.client.timeouts)
        while body is not None:
            try:
                async with aclosing(self._told(body, timer)) as events:
                    async for event in events:
                        yield event
                return
            except ProviderError as error:
                body = None if timer.has_token else self._mended(body, error)
                if body is None:
                    raise await self._with_names(error) from None

    def _mended(self, body: Body, error: ProviderError) -> Body | None:
        """Return the body to send instead; instructions go with the question where the model takes no system message.

        A server may report the objection of the model's template as an internal error, with status
        500.
        """
        if refuses_system_role(error) and (merged := _without_system(body)):
            _without_system_role.add((self.client.base_url, self.name))
            return merged
        return self.mended(body, error) if isinstance(error, ProviderRefused) else None

    async def _told(self, body: Body, timer: StreamTimer) -> AsyncGenerator[ChatEvent]:
        reader = self.reader()
        try:
            async with aclosing(
                self.client.lines(self.path, body, timer, model=self.name)
            ) as blocks:
                async for lines in blocks:
                    for line in lines:
                        for event in reader.feed(line):
                            timer.token_arrived()
                            yield event
                    if reader.complete:
                        timer.answer_completed()
        except ProviderUnavailable:
            if not reader.complete:
                raise
        for event in reader.finish():
            yield event

    async def _with_names(self, refused: ProviderError) -> ProviderError:
        """Return the refusal, with names that are like the one that the server does not know."""
        if refused.code != "provider_model_missing":
            return refused
        try:
            nearest = nearest_names(self.name, await self.names())
        except ProviderError:
            return refused
        return self.client.faults.model_missing(self.name, nearest)


def _without_system(body: Body) -> Body | None:
    """Return `body` with the system message put before the question, None where there is no system message."""
    first, *rest = body["messages"] or [{"role": "user"}]
    if first["role"] != "system":
        return None
    *earlier, question = rest or [{"role": "user", "content": ""}]
    content = "\n\n".join(filter(None, [first["content"], question["content"]]))
    return {**body, "messages": [*earlier, {**question, "content": content}]}
