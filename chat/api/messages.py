"""Asking over HTTP: asynchronous views, since an answer takes its time. JSON once it is final, or its events as SSE.

A caller who leaves does not end the answer. Everything else about conversations is in
`conversations`.
"""

import json
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.serializers import BaseSerializer

from accounts.access_watch import caller_of, while_allowed
from accounts.api.asynchronous import asynchronous_api, json_body
from accounts.models import User
from chat import answering
from chat.answering.runner import Answer
from chat.api.conversations import MessageListView
from chat.api.serializers import QuestionSerializer, StopSerializer
from chat.api.sse import event_stream, sse
from chat.models import Conversation
from web.database import give_back_connection, in_database
from web.exceptions import Refusal


@asynchronous_api("POST")
async def _ask(request: HttpRequest, user: User, *, id: UUID) -> HttpResponseBase:  # noqa: A002 - the contract's name
    """Ask, and answer with the message once it is final or with its events as they come."""
    conversation = await conversation_of(user, id)
    wanted = _valid(QuestionSerializer(data=json_body(request)))
    answer = await answering.start(
        lambda: (conversation, user),
        wanted["text"],
        person=user.pk,
        model=wanted.get("model") or None,
        parent=wanted.get("parent"),
    )
    await give_back_connection()
    caller = caller_of(request)

    def may_read(user: User | AnonymousUser) -> bool:
        return Conversation.seen_by(user, id) is not None

    if "text/event-stream" in request.headers.get("Accept", ""):
        return event_stream(
            sse(answering.follow(str(answer.request.id))), caller, may_read, farewell=_farewell
        )
    async with while_allowed(caller, may_read):
        return JsonResponse(await message_of(answer))


def _farewell(refusal: Refusal) -> str:
    """Write as an event that the reader may not see the rest."""
    error = {"code": refusal.code, "message": str(refusal)}
    return f"event: error\ndata: {json.dumps({'type': 'error', **error, 'error': error}, ensure_ascii=False)}\n\n"


async def conversation_messages(request: HttpRequest, **ids: Any) -> HttpResponseBase:
    """List the messages of a conversation, or ask."""
    if request.method == "POST":
        return await _ask(request, **ids)
    response: HttpResponseBase = await in_database(_list)(request, **ids)
    return response


_list = MessageListView.as_view()
# For the schema, which looks for the class of a view.
conversation_messages.cls = MessageListView  # type: ignore[attr-defined]
conversation_messages.initkwargs = {}  # type: ignore[attr-defined]
conversation_messages.csrf_exempt = True  # type: ignore[attr-defined] # as all API views: their authentication checks


@asynchronous_api("POST")
async def conversation_stop(request: HttpRequest, user: User, *, id: UUID) -> HttpResponseBase:  # noqa: A002
    """End one answer of a conversation, or all that are being written; what has been said stays."""
    conversation = await conversation_of(user, id)
    wanted = _valid(StopSerializer(data=json_body(request) if request.body else {}))
    message = wanted.get("message")
    stopped = await answering.stop(conversation, str(message) if message else None)
    return JsonResponse({"stopped": stopped})


async def conversation_of(user: User, pk: UUID) -> Conversation:
    """Return the caller's conversation; raises `Http404`."""
    mine = Conversation.objects.visible_to(user).select_related("workspace").filter(pk=pk)
    conversation = await in_database(mine.first)()
    if conversation is None:
        raise Http404
    return conversation


async def message_of(answer: Answer) -> dict[str, Any]:
    """Wait for the end of an answer and return its message as JSON."""
    end = await answer.ended()
    return {key: value for key, value in end.items() if key not in {"type", "message", "seq"}}


def _valid(serializer: BaseSerializer[Any]) -> dict[str, Any]:
    if not serializer.is_valid():
        raise Refusal(
            _("Some fields are invalid. See the error of each field."),
            code="invalid",
            errors=dict(serializer.errors),
        )
    values: dict[str, Any] = serializer.validated_data
    return values
