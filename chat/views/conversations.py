"""The start page of a workspace, and conversations.

The pages work without scripts: a question is then posted and the page reloaded. Views that start an
answer are asynchronous, since the answer is a task of the event loop; their database work goes
through `in_database`.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from chat import answering, services
from chat.api.serializers import QuestionSerializer
from chat.models import Conversation
from chat.prompting.readiness import readiness_of
from chat.prompting.suggestions import suggestions_for
from providers import registry
from web.database import in_database
from web.exceptions import Refusal
from web.requests import AuthenticatedHttpRequest
from workspaces.access import workspace_for
from workspaces.models import Workspace

MAX_CONVERSATIONS_SHOWN = 100


@login_required
@require_safe
def workspace_detail(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """The start page: a form for the first question of a conversation, and own conversations."""
    workspace = workspace_for(request.user, slug)
    context = {**frame(request.user, workspace), "suggestions": suggestions_for(workspace)}
    return render(request, "chat/workspace_detail.html", context)


@login_required
@require_POST
async def conversation_create(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Create a conversation with its first question, and redirect to its page."""
    user = await _user(request)
    workspace = await in_database(workspace_for)(user, slug)
    question = _question(request)
    if question is None:
        return redirect("workspace_detail", slug)
    conversation = await in_database(services.create_conversation)(workspace=workspace, owner=user)
    await _ask(request, conversation, user, question)
    return redirect("conversation_detail", slug, conversation.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
async def conversation_detail(
    request: AuthenticatedHttpRequest, slug: str, conversation_id: UUID
) -> HttpResponse:
    """A conversation: its messages and a form for the next question."""
    user = await _user(request)
    conversation = await in_database(conversation_for)(user, slug, conversation_id)
    if request.method != "POST":
        return await in_database(_conversation_page)(request, user, conversation)
    if question := _question(request):
        await _ask(request, conversation, user, question)
    return redirect("conversation_detail", slug, conversation.pk)


@login_required
@require_POST
def conversation_rename(
    request: AuthenticatedHttpRequest, slug: str, conversation_id: UUID
) -> HttpResponse:
    """Change the title of a conversation."""
    conversation = conversation_for(request.user, slug, conversation_id)
    title = request.POST.get("title", "").replace("\x00", "").strip()
    if title:
        services.rename_conversation(conversation, title=title[:200])
    return redirect("conversation_detail", slug, conversation.pk)


@login_required
@require_POST
def conversation_delete(
    request: AuthenticatedHttpRequest, slug: str, conversation_id: UUID
) -> HttpResponse:
    """Delete a conversation."""
    services.delete_conversation(conversation_for(request.user, slug, conversation_id))
    messages.success(request, _("The conversation has been deleted."))
    return redirect("workspace_detail", slug)


def conversation_for(user: User, slug: str, conversation_id: UUID) -> Conversation:
    """Return a conversation of `user` in this workspace; raises `Http404`."""
    mine = Conversation.objects.visible_to(user).select_related("workspace")
    return get_object_or_404(mine, workspace__slug=slug, pk=conversation_id)


def frame(user: User, workspace: Workspace) -> dict[str, Any]:
    """Return the context of the sidebar and composer, common to the pages of a workspace."""
    state = readiness_of(workspace)
    mine = Conversation.objects.visible_to(user).filter(workspace=workspace)
    own = workspace.setting("chat_model")
    models = [info for info in registry.models_for(user) if info.kind == "chat"]
    names = {info.id for info in models}
    return {
        "workspace": workspace,
        "conversations": mine[:MAX_CONVERSATIONS_SHOWN],
        "document_count": state.total,
        "ready_count": state.ready,
        "working_count": state.waiting,
        "chat_model": own,
        # A choice of models is offered only if there is more than one.
        "chat_models": models if len(names | {own}) > 1 and own in names else [],
    }


def _conversation_page(
    request: AuthenticatedHttpRequest, user: User, conversation: Conversation
) -> HttpResponse:
    context = {
        **frame(user, conversation.workspace),
        "conversation": conversation,
        "messages_shown": conversation.messages.with_citations(),
    }
    return render(request, "chat/conversation_detail.html", context)


async def _user(request: AuthenticatedHttpRequest) -> User:
    user = await request.auser()
    assert isinstance(user, User), "login_required admits signed-in users only"
    return user


def _question(request: AuthenticatedHttpRequest) -> dict[str, Any] | None:
    """Return the posted question with its model, or None after adding an error message."""
    posted = QuestionSerializer(
        data={name: request.POST[name] for name in ("text", "model") if name in request.POST}
    )
    if posted.is_valid():
        question: dict[str, Any] = posted.validated_data
        return question
    messages.error(request, next(iter(posted.errors.values()))[0])
    return None


async def _ask(
    request: AuthenticatedHttpRequest,
    conversation: Conversation,
    user: User,
    question: dict[str, Any],
) -> None:
    try:
        model = question.get("model") or None
        await answering.start(
            lambda: (conversation, user), question["text"], person=user.pk, model=model
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
