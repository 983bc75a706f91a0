"""Workspaces and members as JSON."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from web.api.serializers import ModelSerializer
from workspaces.models import Membership, Role, Workspace
from workspaces.services import find_holder

SETTING_FIELDS = [
    "chat_model",
    "embedding_model",
    "rerank_model",
    "system_prompt",
    "mode",
    "top_k",
    "temperature",
    "history_messages",
    "chunk_tokens",
    "chunk_overlap",
    "ocr",
    "parse_server",
]


class WorkspaceSerializer(ModelSerializer[Workspace]):
    """A workspace with the caller's role in it; null settings mean the server's defaults."""

    role = serializers.SerializerMethodField()

    class Meta:
        model = Workspace
        fields = ["slug", "name", "description", "role", "created", *SETTING_FIELDS]
        read_only_fields = ["slug", "created"]

    def get_role(self, workspace: Workspace) -> str | None:
        """Return the caller's role; lists annotate it, a single workspace is queried."""
        if hasattr(workspace, "my_role"):
            return str(workspace.my_role)
        return workspace.role_of(self.context["request"].user)


class MemberSerializer(ModelSerializer[Membership]):
    """A member: a user by e-mail address or a group by name, and the role."""

    email = serializers.EmailField(source="user.email", default=None, allow_null=True)
    group = serializers.CharField(source="group.name", default=None, allow_null=True)
    name = serializers.SerializerMethodField()

    class Meta:
        model = Membership
        fields = ["id", "email", "group", "name", "role", "created"]

    def get_name(self, membership: Membership) -> str:
        """Return the name of the user or group."""
        return str(membership.holder)


class NewMemberSerializer(serializers.Serializer[dict[str, Any]]):
    """A new member."""

    email = serializers.EmailField(required=False)
    group = serializers.CharField(required=False)
    role = serializers.ChoiceField(choices=Role.choices, default=Role.VIEWER)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Find the user or the group, of which exactly one must be given."""
        if bool(attrs.get("email")) == bool(attrs.get("group")):
            raise serializers.ValidationError(_("Enter either an e-mail address or a group."))
        return {
            **attrs,
            "holder": find_holder(email=attrs.get("email", ""), group=attrs.get("group", "")),
        }


class RoleSerializer(serializers.Serializer[dict[str, Any]]):
    """Another role for a member."""

    role = serializers.ChoiceField(choices=Role.choices)
