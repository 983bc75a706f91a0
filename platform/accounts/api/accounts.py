"""API of tokens and of the caller; for administrators, of users and groups."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import generics, mixins, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts import services
from accounts.api import schema as _schema  # noqa: F401 - registers itself
from accounts.api.authentication import caller
from accounts.api.permissions import IsAdministrator
from accounts.api.serializers import (
    GroupSerializer,
    MeSerializer,
    NewTokenSerializer,
    TokenRequestSerializer,
    TokenSerializer,
    UserSerializer,
)
from accounts.models import ApiToken, Group, User
from accounts.sign_in.addresses import address_of


class MeView(generics.RetrieveAPIView[User]):
    """The caller."""

    serializer_class = MeSerializer

    def get_object(self) -> User:
        """Return the caller."""
        return caller(self.request)


class TokenListView(generics.ListAPIView[ApiToken]):
    """The caller's tokens."""

    serializer_class = TokenSerializer

    def get_queryset(self) -> Any:
        """Return the caller's tokens."""
        return ApiToken.objects.visible_to(caller(self.request))

    def get_permissions(self) -> Any:
        """Require no authentication for a new token, which needs the password."""
        return [AllowAny()] if self.request.method == "POST" else super().get_permissions()

    def get_authenticators(self) -> Any:
        """Ignore other credentials for a new token, so that an expired token causes no error."""
        return (
            []
            if self.request is not None and self.request.method == "POST"
            else super().get_authenticators()
        )

    @extend_schema(request=TokenRequestSerializer, responses={201: NewTokenSerializer}, auth=[])
    def post(self, request: Request) -> Response:
        """Exchange e-mail address and password for a token."""
        wanted = TokenRequestSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        user = services.sign_in(
            email=wanted.validated_data["email"],
            password=wanted.validated_data["password"],
            address=address_of(request._request),
        )
        token, raw = services.create_token(
            user=user,
            name=wanted.validated_data["name"],
            expires_in_days=wanted.validated_data["expires_in_days"],
        )
        return Response({"id": str(token.pk), "token": raw}, status=status.HTTP_201_CREATED)


class TokenDetailView(generics.DestroyAPIView[ApiToken]):
    """One of the caller's tokens."""

    serializer_class = TokenSerializer
    lookup_field = "id"

    def get_queryset(self) -> Any:
        """Return the caller's tokens."""
        return ApiToken.objects.visible_to(caller(self.request))

    def perform_destroy(self, instance: ApiToken) -> None:
        """Revoke the token."""
        services.revoke_token(instance, by=caller(self.request))


class UserListView(generics.ListCreateAPIView[User]):
    """All users, for administrators."""

    permission_classes = [IsAdministrator]
    serializer_class = UserSerializer

    def get_queryset(self) -> Any:
        """Return all users."""
        return User.objects.visible_to(caller(self.request))

    def perform_create(self, serializer: BaseSerializer[User]) -> None:
        """Create the user."""
        serializer.instance = services.create_user(
            **serializer.validated_data, by=caller(self.request)
        )


class UserDetailView(mixins.UpdateModelMixin, generics.RetrieveAPIView[User]):
    """One user, for administrators.

    Users are disabled, never deleted, so that records keep their names.
    """

    permission_classes = [IsAdministrator]
    serializer_class = UserSerializer
    lookup_field = "id"

    def get_queryset(self) -> Any:
        """Return all users."""
        return User.objects.visible_to(caller(self.request))

    def patch(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change some fields of a user."""
        return self.partial_update(request, *args, **kwargs)

    def perform_update(self, serializer: BaseSerializer[User]) -> None:
        """Change the user."""
        user = self.get_object()
        serializer.instance = services.change_user(
            user, by=caller(self.request), **serializer.validated_data
        )


class GroupListView(generics.ListCreateAPIView[Group]):
    """All groups, for administrators."""

    permission_classes = [IsAdministrator]
    serializer_class = GroupSerializer

    def get_queryset(self) -> Any:
        """Return all groups."""
        return Group.objects.visible_to(caller(self.request)).prefetch_related("members")

    def perform_create(self, serializer: BaseSerializer[Group]) -> None:
        """Create the group."""
        serializer.instance = services.create_group(
            name=serializer.validated_data["name"],
            members=serializer.validated_data.get("members", []),
            by=caller(self.request),
        )


class GroupDetailView(
    mixins.UpdateModelMixin, mixins.DestroyModelMixin, generics.RetrieveAPIView[Group]
):
    """One group, for administrators."""

    permission_classes = [IsAdministrator]
    serializer_class = GroupSerializer
    lookup_field = "id"

    def get_queryset(self) -> Any:
        """Return all groups."""
        return Group.objects.visible_to(caller(self.request)).prefetch_related("members")

    def patch(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change the name or the members."""
        return self.partial_update(request, *args, **kwargs)

    def delete(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Delete the group."""
        return self.destroy(request, *args, **kwargs)

    def perform_update(self, serializer: BaseSerializer[Group]) -> None:
        """Change the group."""
        services.change_group(
            self.get_object(), by=caller(self.request), **serializer.validated_data
        )

    def perform_destroy(self, instance: Group) -> None:
        """Delete the group."""
        services.delete_group(instance, by=caller(self.request))
