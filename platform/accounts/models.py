"""User, Group and ApiToken. Access to workspaces belongs to `workspaces`."""

from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from web.ids import new_id


class UserQuerySet(models.QuerySet["User"]):
    """Queries about users."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """All users for an administrator, only `user` for others, none for a visitor."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_admin else self.filter(pk=user.pk)

    def named(self, email: str) -> Self:
        """The user with this address, in any case."""
        return self.filter(email__iexact=email.strip())


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Finds users by e-mail address, in any case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the user with this address."""
        user: User = self.get(email__iexact=(username or "").strip())
        return user


class User(AbstractBaseUser):
    """A person who signs in by e-mail address."""

    class Theme(models.TextChoices):
        """The colour scheme of the pages."""

        AUTO = "auto", _("System")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(_("e-mail address"))
    name = models.CharField(pgettext_lazy("person", "name"), max_length=150)
    language = models.CharField(_("language"), max_length=16, blank=True, default="")
    theme = models.CharField(_("theme"), max_length=5, choices=Theme, default=Theme.AUTO)
    is_admin = models.BooleanField(_("administrator"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    created = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique",
                violation_error_message=_("This e-mail address is already in use."),
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email


class GroupQuerySet(models.QuerySet["Group"]):
    """Queries about groups."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """All groups for an administrator, the user's own groups for others."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_admin else self.filter(members=user)


class Group(models.Model):
    """Users who receive roles together."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(_("name"), max_length=150)
    members = models.ManyToManyField(
        User, related_name="memberships_in_groups", blank=True, verbose_name=_("members")
    )
    created = models.DateTimeField(auto_now_add=True)

    objects = GroupQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="group_name_unique",
                violation_error_message=_("A group with this name already exists."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Queries about API tokens."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """The user's own tokens only, for administrators too."""
        return self.filter(user=user) if user.is_authenticated else self.none()

    def usable(self) -> Self:
        """Tokens that have not expired and whose owner may still sign in."""
        return self.filter(expires__gt=Now(), user__is_active=True)


class ApiToken(models.Model):
    """A bearer token.

    Only its digest is stored, so the token is shown once and no backup contains it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(_("name"), max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    expires = models.DateTimeField()
    last_used = models.DateTimeField(null=True)
    created = models.DateTimeField(auto_now_add=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def has_expired(self) -> bool:
        """Whether the token has expired."""
        return self.expires <= timezone.now()
