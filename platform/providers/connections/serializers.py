"""Connections and models as JSON. A key is never returned."""

from typing import Any

from rest_framework import serializers

from accounts.models import Group
from providers.check_results import CheckResult
from providers.connections.services import is_default_model
from providers.models import Connection, Model
from web.api.serializers import ModelSerializer, UtcDateTimeField


class FindingSerializer(serializers.Serializer[CheckResult]):
    """One result of a check: a code for programs, a sentence for people."""

    code = serializers.CharField()
    ok = serializers.BooleanField()
    message = serializers.CharField()
    details = serializers.DictField()


class CheckSerializer(serializers.Serializer[Connection]):
    """The last check of a connection."""

    at = UtcDateTimeField(source="checked", allow_null=True)
    ok = serializers.BooleanField(source="is_well")
    findings = FindingSerializer(source="found", many=True)


class ConnectionSerializer(ModelSerializer[Connection]):
    """A connection, for administrators. A null or missing `api_key` keeps the stored key."""

    api_key = serializers.CharField(
        write_only=True, required=False, allow_null=True, allow_blank=True, max_length=4000
    )
    check = CheckSerializer(source="*", read_only=True)

    class Meta:
        model = Connection
        fields = [
            "id",
            "slug",
            "name",
            "kind",
            "base_url",
            "api_key",
            "has_key",
            "enabled",
            "check",
            "created",
        ]
        read_only_fields = ["slug", "has_key", "created"]


class CheckedModelSerializer(serializers.Serializer[dict[str, Any]]):
    """The model to check first."""

    model = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")


class PullSerializer(serializers.Serializer[dict[str, Any]]):
    """The model to pull."""

    model = serializers.CharField(max_length=200)


class GroupField(serializers.SlugRelatedField[Group]):
    """A group by its name."""

    def to_internal_value(self, data: Any) -> Group:
        """Return the group. PostgreSQL cannot compare NUL, so a name with NUL is invalid."""
        if not isinstance(data, str) or "\x00" in data:
            self.fail("invalid")
        return super().to_internal_value(data)


class OfferedModelSerializer(ModelSerializer[Model]):
    """A model of a connection with its settings; `groups` are names, none means all users."""

    id = serializers.CharField(source="model_id", read_only=True)
    default = serializers.BooleanField(required=False)
    groups: Any = GroupField(
        slug_field="name", many=True, queryset=Group.objects.all(), required=False
    )

    class Meta:
        model = Model
        fields = [
            "id",
            "name",
            "kind",
            "label",
            "enabled",
            "default",
            "groups",
            "context_tokens",
            "dimensions",
            "thinks",
            "takes_system_prompt",
            "is_offered",
            "last_seen",
        ]
        read_only_fields = ["name", "dimensions", "thinks", "is_offered", "last_seen"]

    def to_representation(self, instance: Model) -> dict[str, Any]:
        """Add whether the model is the default, which its row does not hold."""
        instance.default = is_default_model(instance)  # type: ignore[attr-defined] # for the field to read
        return super().to_representation(instance)
