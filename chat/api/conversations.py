"""Conversations and messages for programs. Asking is in `messages`, search in `search`."""

from typing import Any

from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.api.authentication import caller
from chat import services
from chat.api.serializers import ConversationSerializer, MessageSerializer
from chat.models import Conversation, Message
from web.api.pagination import OldestFirst
from workspaces.access import workspace_for


class ConversationListView(generics.ListCreateAPIView[Conversation]):
    """The caller's conversations in a workspace."""

    serializer_class = ConversationSerializer

    def get_queryset(self) -> Any:
        """Return the caller's own."""
        user = caller(self.request)
        workspace = workspace_for(user, self.kwargs["slug"])
        return (
            Conversation.objects.visible_to(user)
            .filter(workspace=workspace)
            .select_related("workspace")
        )

    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Begin a conversation."""
        self.workspace = workspace_for(caller(request), self.kwargs["slug"])
        return self.create(request, *args, **kwargs)

    def perform_create(self, serializer: BaseSerializer[Conversation]) -> None:
        """Begin it."""
        serializer.instance = services.create_conversation(
            workspace=self.workspace,
            owner=caller(self.request),
            title=serializer.validated_data.get("title", ""),
        )


class ConversationDetailView(generics.GenericAPIView[Conversation]):
    """One conversation of the caller's."""

    serializer_class = ConversationSerializer
    lookup_field = "id"

    def get_queryset(self) -> Any:
        """Return the caller's own."""
        return Conversation.objects.visible_to(caller(self.request)).select_related("workspace")

    def get(self, request: Request, **ids: Any) -> Response:
        """Return the conversation."""
        return Response(self.get_serializer(self.get_object()).data)

    def patch(self, request: Request, **ids: Any) -> Response:
        """Rename the conversation."""
        conversation = self.get_object()
        wanted = self.get_serializer(conversation, data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        if "title" in wanted.validated_data:
            services.rename_conversation(conversation, title=wanted.validated_data["title"])
        return Response(self.get_serializer(conversation).data)

    def delete(self, request: Request, **ids: Any) -> Response:
        """Delete the conversation with all that was said in it."""
        services.delete_conversation(self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class MessageListView(generics.ListAPIView[Message]):
    """What was said in a conversation, in order."""

    serializer_class = MessageSerializer
    pagination_class = OldestFirst

    def get_queryset(self) -> Any:
        """Return the messages of one of the caller's conversations."""
        mine = Conversation.objects.visible_to(caller(self.request))
        conversation = generics.get_object_or_404(mine, pk=self.kwargs["id"])
        return conversation.messages.with_citations()
