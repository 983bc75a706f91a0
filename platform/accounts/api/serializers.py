"""Users, groups and tokens as JSON."""

from typing import Any

from django.contrib.auth import password_validation
from rest_framework import serializers

from accounts.models import ApiToken, Group, User
from web.api.serializers import ModelSerializer


class MeSerializer(ModelSerializer[User]):
    """The caller."""

    groups: Any = serializers.SlugRelatedField(
        source="memberships_in_groups", slug_field="name", many=True, read_only=True
    )

    class Meta:
        model = User
        fields = ["id", "email", "name", "is_admin", "groups"]


class UserSerializer(ModelSerializer[User]):
    """A user, for administrators. The password is write-only."""

    password = serializers.CharField(
        write_only=True, required=False, allow_blank=True, trim_whitespace=False
    )

    class Meta:
        model = User
        fields = ["id", "email", "name", "password", "is_admin", "is_active", "created"]
        read_only_fields = ["created"]

    def validate_password(self, value: str) -> str:
        """Validate the password."""
        if value:
            password_validation.validate_password(value, self.instance)
        return value


class _PersonField(serializers.SlugRelatedField[User]):
    """A user by e-mail address."""

    def to_internal_value(self, data: Any) -> User:
        """Return the user with this address; NUL is invalid, as PostgreSQL cannot compare it."""
        if not isinstance(data, str) or "\x00" in data:
            self.fail("invalid")
        return super().to_internal_value(data)


class GroupSerializer(ModelSerializer[Group]):
    """A group with its members' e-mail addresses."""

    members: Any = _PersonField(
        slug_field="email", many=True, queryset=User.objects.all(), required=False
    )

    class Meta:
        model = Group
        fields = ["id", "name", "members", "created"]
        read_only_fields = ["created"]


class TokenSerializer(ModelSerializer[ApiToken]):
    """A token without its secret."""

    class Meta:
        model = ApiToken
        fields = ["id", "name", "expires", "last_used", "created"]


class TokenRequestSerializer(serializers.Serializer[dict[str, Any]]):
    """A request for a token, with the password."""

    email = serializers.CharField()
    password = serializers.CharField(trim_whitespace=False)
    name = serializers.CharField(required=False, allow_blank=True, max_length=100, default="")
    expires_in_days = serializers.IntegerField(
        required=False, min_value=1, max_value=3650, default=365
    )


class NewTokenSerializer(serializers.Serializer[dict[str, Any]]):
    """A new token, shown once."""

    id = serializers.UUIDField()
    token = serializers.CharField()
