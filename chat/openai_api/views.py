"""Views of OpenAI-compatible models and chat completions, with `citations` beside `choices`.

A workspace is a model named `workspace/{slug}`. Nothing is stored, and an answer ends when its
client disconnects.
"""

import json
from collections.abc import AsyncIterator
from typing import Any, Final

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from accounts.access_watch import caller_of, while_allowed
from accounts.api.asynchronous import asynchronous_api, json_body
from accounts.models import User
from chat import answering
from chat.answering.request import AnswerRequest
from chat.api.sse import event_stream
from chat.exceptions import TooManyCompletions
from chat.openai_api.request import Completion, read_completion
from chat.openai_api.response import Reply
from providers import registry
from providers.exceptions import ModelNotFound
from web.api.problems import PROBLEM_MEDIA_TYPE, problem, with_retry_after
from web.database import give_back_connection, in_database
from web.exceptions import Refusal
from workspaces.access import workspace_for
from workspaces.models import Workspace

WORKSPACE_PREFIX: Final = "workspace/"
# HTTP statuses of failed answers by error code; other codes are 502.
_STATUS_OF_FAILURE: Final = {"provider_unavailable": 503, "database_unavailable": 503}


def refused(refusal: Refusal) -> HttpResponse:
    """Return a refusal as a problem response with the `error` member of OpenAI's format."""
    kind = "invalid_request_error" if refusal.status < 500 else "server_error"
    kind = "rate_limit_error" if refusal.status == 429 else kind
    error = {"message": str(refusal), "type": kind, "code": refusal.code}
    error["param"] = next(iter(refusal.errors), None)  # type: ignore[assignment] # null stands for none
    more: dict[str, Any] = {"errors": refusal.errors} if refusal.errors else {}
    body = problem(refusal.status, refusal.code, str(refusal), error=error, **more)
    return with_retry_after(
        JsonResponse(body, status=refusal.status, content_type=PROBLEM_MEDIA_TYPE), refusal
    )


@asynchronous_api("GET", refused=refused)
async def model_list(request: HttpRequest, user: User) -> HttpResponseBase:
    """List the caller's workspaces and permitted models."""
    return JsonResponse({"object": "list", "data": await in_database(_models)(user)})


def _models(user: User) -> list[dict[str, Any]]:
    def model(name: str, created: int, owner: str) -> dict[str, Any]:
        return {"id": name, "object": "model", "created": created, "owned_by": owner}

    workspaces = Workspace.objects.visible_to(user).order_by("-id")
    mine = [
        model(WORKSPACE_PREFIX + w.slug, int(w.created.timestamp()), "workspace")
        for w in workspaces
    ]
    return mine + [
        model(info.id, 0, info.id.partition("/")[0]) for info in registry.models_for(user)
    ]


@asynchronous_api("POST", refused=refused)
async def chat_completions(request: HttpRequest, user: User) -> HttpResponseBase:
    """Answer the last user message of a conversation that the client stores."""
    completion = read_completion(json_body(request))
    answering.check_room(user)
    answer_request = await in_database(_answer_request)(user, completion)
    await give_back_connection()
    caller = caller_of(request)

    def may_read(user: User | AnonymousUser) -> bool:
        if answer_request.workspace:
            return (
                Workspace.objects.visible_to(user).filter(pk=answer_request.workspace.pk).exists()
            )
        return isinstance(user, User) and registry.may_use(user, answer_request.model)

    if completion.stream:
        return event_stream(
            _chunks(answer_request, completion), caller, may_read, farewell=_error_chunk
        )
    answer = answering.start_unstored(answer_request)
    try:
        async with while_allowed(caller, may_read):
            end = await answer.ended()
    finally:
        answer.stop()  # For a client that disconnected; an answer that has ended does not change.
    if end["status"] == "failed":
        error = end["error"]
        raise Refusal(
            error["message"], code=error["code"], status=_STATUS_OF_FAILURE.get(error["code"], 502)
        )
    return JsonResponse(Reply(answer_request.id, completion.model).whole(end))


def _answer_request(user: User, completion: Completion) -> AnswerRequest:
    """Return the request for an answer; raises `Refusal` if the caller may not use the model."""
    workspace = None
    model = completion.model
    try:
        if model.startswith(WORKSPACE_PREFIX):
            workspace = workspace_for(user, model.removeprefix(WORKSPACE_PREFIX))
            model = workspace.setting("chat_model")
        elif registry.may_use(user, model):
            registry.chat_model(model)
        else:
            raise ModelNotFound(model)
    except (Http404, ModelNotFound):
        sentence = _("There is no model “%(model)s” that you can use.") % {
            "model": completion.model[:200]
        }
        raise Refusal(sentence, code="model_not_found", status=404) from None
    return AnswerRequest(
        user=user,
        question=completion.question,
        model=model,
        workspace=workspace,
        history=completion.history,
        instructions=completion.instructions,
        temperature=completion.temperature,
    )


def _error_chunk(refusal: Refusal) -> str:
    return f"data: {refused(refusal).text}\n\n"


async def _chunks(answer_request: AnswerRequest, completion: Completion) -> AsyncIterator[str]:
    """Yield an answer in the format of OpenAI's stream.

    The answer is started by the first read, so no answer runs without a reader.
    """
    try:
        answer = answering.start_unstored(answer_request)
    except TooManyCompletions as refusal:
        # Simultaneous requests took the last slots after `check_room`, and the status is sent.
        yield _error_chunk(refusal)
        return
    reply = Reply(answer_request.id, completion.model)
    try:
        async for event in answer.log.after(0):
            for chunk in reply.chunks(event, include_usage=completion.include_usage):
                yield f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"
        yield "data: [DONE]\n\n"
    finally:
        answer.stop()
