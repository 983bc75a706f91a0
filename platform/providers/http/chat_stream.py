"""Base class of chat models on a server: requests, streams, time limits and corrected requests.

The subclasses for each protocol provide the request bodies and the readers of lines.
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
# Address and name of models that refused a system message. They are kept until the process ends,
# so that each model refuses only one request.
_without_system_role: Final[set[tuple[str, str]]] = set()


class AnswerReader(Protocol):
    """Converts the lines of one answer into events."""

    complete: bool
    """Whether the answer has ended; later lines are ignored."""

    def feed(self, line: bytes) -> Sequence[ChatEvent]:
        """Read the next line; raises a ProviderError."""

    def finish(self) -> Sequence[ChatEvent]:
        """Return the remaining events, `Done` last; raises ProviderError for a cut answer."""


class ServedChat(ABC):
    """A chat model on a server, safe for concurrent requests."""

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
        """Return the body of the request."""

    @abstractmethod
    def reader(self) -> AnswerReader:
        """Return a reader for one answer."""

    @abstractmethod
    def mended(self, body: Body, refused: ProviderError) -> Body | None:
        """Return a corrected body after a refusal; None if the refusal cannot be avoided."""

    @abstractmethod
    async def names(self) -> list[str]:
        """Return the names of the models on the server."""

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent]:
        """Yield the answer in pieces, `Done` last; raises a ProviderError.

        Closing the generator closes the socket. A refused request is corrected and repeated only
        before the first token.
        """
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
        """Return a corrected body; None if there is none.

        After a refused system message, the instructions go into the question. A server may report
        the error of the model's template as an internal error, with status 500.
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
        """Return the error, with the names of similar models if the model is missing."""
        if refused.code != "provider_model_missing":
            return refused
        try:
            nearest = nearest_names(self.name, await self.names())
        except ProviderError:
            return refused
        return self.client.faults.model_missing(self.name, nearest)


def _without_system(body: Body) -> Body | None:
    """Return `body` with the system message merged into the question; None if it has none."""
    first, *rest = body["messages"] or [{"role": "user"}]
    if first["role"] != "system":
        return None
    *earlier, question = rest or [{"role": "user", "content": ""}]
    content = "\n\n".join(filter(None, [first["content"], question["content"]]))
    return {**body, "messages": [*earlier, {**question, "content": content}]}
