"""API of workspaces and their members."""

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.api.authentication import caller
from web.api.pagination import OldestFirst
from workspaces import services
from workspaces.access import require_role, workspace_for
from workspaces.models import Membership, Role, Workspace
from workspaces.serializers import (
    MemberSerializer,
    NewMemberSerializer,
    RoleSerializer,
    WorkspaceSerializer,
)


class WorkspaceListView(generics.ListCreateAPIView[Workspace]):
    """The caller's workspaces."""

    serializer_class = WorkspaceSerializer

    def get_queryset(self) -> Any:
        """Return the workspaces that the caller may see."""
        return Workspace.objects.visible_to(caller(self.request)).with_role_of(caller(self.request))

    @transaction.atomic
    def perform_create(self, serializer: BaseSerializer[Workspace]) -> None:
        """Create a workspace with settings; invalid settings roll it back."""
        values = dict(serializer.validated_data)
        workspace = services.create_workspace(
            name=values.pop("name"),
            description=values.pop("description", ""),
            by=caller(self.request),
        )
        if values:
            workspace = services.change_workspace(workspace, by=caller(self.request), **values)
        serializer.instance = workspace


class WorkspaceDetailView(generics.GenericAPIView[Workspace]):
    """One workspace."""

    serializer_class = WorkspaceSerializer

    def get(self, request: Request, slug: str) -> Response:
        """Return the workspace."""
        return Response(self.get_serializer(workspace_for(caller(request), slug)).data)

    def patch(self, request: Request, slug: str) -> Response:
        """Change the name, the description or settings; for owners."""
        workspace = workspace_for(caller(request), slug, Role.OWNER)
        wanted = self.get_serializer(workspace, data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        changed = services.change_workspace(workspace, by=caller(request), **wanted.validated_data)
        return Response(self.get_serializer(changed).data)

    def delete(self, request: Request, slug: str) -> Response:
        """Delete the workspace: invisible at once, purged in the background; for owners."""
        services.delete_workspace(
            workspace_for(caller(request), slug, Role.OWNER), by=caller(request)
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class MemberListView(generics.ListAPIView[Membership]):
    """The members of a workspace."""

    serializer_class = MemberSerializer
    pagination_class = OldestFirst

    def get_queryset(self) -> Any:
        """Return the members of the workspace."""
        workspace = workspace_for(caller(self.request), self.kwargs["slug"])
        return workspace.memberships.select_related("user", "group")

    @extend_schema(request=NewMemberSerializer, responses={201: MemberSerializer})
    def post(self, request: Request, slug: str) -> Response:
        """Give a user or a group a role; for owners."""
        workspace = workspace_for(caller(request), slug, Role.OWNER)
        wanted = NewMemberSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        membership = services.add_member(
            workspace,
            holder=wanted.validated_data["holder"],
            role=Role(wanted.validated_data["role"]),
            by=caller(request),
        )
        return Response(self.get_serializer(membership).data, status=status.HTTP_201_CREATED)


class MemberDetailView(generics.GenericAPIView[Membership]):
    """One member."""

    serializer_class = MemberSerializer

    @extend_schema(request=RoleSerializer, responses=MemberSerializer)
    def patch(self, request: Request, slug: str, id: str) -> Response:  # noqa: A002 - the contract's name
        """Give the member another role; for owners."""
        workspace = workspace_for(caller(request), slug, Role.OWNER)
        wanted = RoleSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        membership = self._membership(workspace, id)
        changed = services.change_role(
            membership, role=Role(wanted.validated_data["role"]), by=caller(request)
        )
        return Response(self.get_serializer(changed).data)

    def delete(self, request: Request, slug: str, id: str) -> Response:  # noqa: A002
        """End a membership: owners any, other members their own."""
        workspace = workspace_for(caller(request), slug)
        membership = self._membership(workspace, id)
        if membership.user != caller(request):
            require_role(caller(request), workspace, Role.OWNER)
        services.remove_member(membership, by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _membership(self, workspace: Workspace, membership_id: str) -> Membership:
        return generics.get_object_or_404(
            Membership.objects.visible_to(caller(self.request)),
            pk=membership_id,
            workspace=workspace,
        )
