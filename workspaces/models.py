"""Workspace and Membership, which decide all visibility.

Other apps filter by `Workspace.objects.visible_to`.
"""

from typing import Any, Self

from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, OuterRef, Q, Value, When
from django.utils.translation import gettext_lazy as _

from accounts.models import Group, User
from providers.connections.defaults import default
from web.ids import new_id


class Role(models.TextChoices):
    """The roles of members, each with the rights of those before."""

    VIEWER = "viewer", _("Viewer")
    EDITOR = "editor", _("Editor")
    OWNER = "owner", _("Owner")


RANK_BY_ROLE = {Role.VIEWER: 1, Role.EDITOR: 2, Role.OWNER: 3}


class WorkspaceQuerySet(models.QuerySet["Workspace"]):
    """Queries by role. Deleted workspaces are excluded, even while their rows exist."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Workspaces of which `user` is a member, directly or through a group.

        Administrators are no exception.
        """
        return self._held(user, list(Role))

    def editable_by(self, user: User | AnonymousUser) -> Self:
        """Workspaces whose documents `user` may change."""
        return self._held(user, [Role.EDITOR, Role.OWNER])

    def owned_by(self, user: User | AnonymousUser) -> Self:
        """Workspaces whose settings and members `user` may change."""
        return self._held(user, [Role.OWNER])

    def with_role_of(self, user: User | AnonymousUser) -> Self:
        """Annotate `my_role`, the highest role of `user` in each workspace."""
        held = Membership.objects.held_by(user).filter(workspace=OuterRef("pk"))
        rank = Case(*(When(role=role, then=Value(number)) for role, number in RANK_BY_ROLE.items()))
        return self.annotate(my_role=held.annotate(rank=rank).order_by("-rank").values("role")[:1])

    def _held(self, user: User | AnonymousUser, roles: list[Role]) -> Self:
        if not user.is_authenticated:
            return self.none()
        held = Membership.objects.held_by(user).filter(role__in=roles)
        return self.filter(pk__in=held.values("workspace"), deleted__isnull=True)


class Workspace(models.Model):
    """Documents, members and settings.

    An empty setting means the server's default, resolved at each use.
    """

    class Mode(models.TextChoices):
        """The sources of an answer."""

        ASSIST = "assist", _("Documents first, then general knowledge")
        STRICT = "strict", _("Documents only")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=60, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=150)
    description = models.TextField(_("description"), blank=True, default="", max_length=2000)
    created = models.DateTimeField(auto_now_add=True)
    deleted = models.DateTimeField(null=True, editable=False)

    chat_model = models.CharField(_("chat model"), max_length=200, null=True, blank=True)  # noqa: DJ001 - null means the default
    embedding_model = models.CharField(_("embedding model"), max_length=200, null=True, blank=True)  # noqa: DJ001
    rerank_model = models.CharField(_("reranker"), max_length=200, null=True, blank=True)  # noqa: DJ001
    system_prompt = models.TextField(_("system prompt"), max_length=20_000, null=True, blank=True)  # noqa: DJ001
    mode = models.CharField(_("answer from"), max_length=6, choices=Mode, null=True, blank=True)  # noqa: DJ001
    top_k = models.PositiveSmallIntegerField(
        _("passages per answer"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    temperature = models.FloatField(
        _("temperature"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(2)],
    )
    history_messages = models.PositiveSmallIntegerField(
        _("conversation history (messages)"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(200)],
    )
    chunk_tokens = models.PositiveSmallIntegerField(
        _("chunk size (tokens)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(50), MaxValueValidator(4000)],
    )
    chunk_overlap = models.PositiveSmallIntegerField(
        _("chunk overlap (tokens)"), null=True, blank=True, validators=[MaxValueValidator(1000)]
    )
    ocr = models.BooleanField(_("read text in images (OCR)"), null=True, blank=True)

    # The slug of the connection to a parse server; "" for the built-in readers.
    parse_server = models.CharField(_("parse server"), max_length=40, null=True, blank=True)  # noqa: DJ001

    my_role: str | None  # Only on rows of `with_role_of`.

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    def setting(self, name: str) -> Any:
        """Return setting `name`, or the server's default if it is empty."""
        own = getattr(self, name)
        return default(name) if own is None else own

    def role_of(self, user: User | AnonymousUser) -> Role | None:
        """Return the highest role of `user` in the workspace, directly or through a group."""
        found = Workspace.objects.filter(pk=self.pk).with_role_of(user).only("pk").get().my_role
        return Role(found) if found else None


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Queries by user."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Memberships in the workspaces `user` may see."""
        return self.filter(workspace__in=Workspace.objects.visible_to(user))

    def held_by(self, user: User | AnonymousUser) -> Self:
        """Memberships that give `user` a role, directly or through a group."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(user=user) | Q(group__in=Group.objects.filter(members=user)))

    def owning(self) -> Self:
        """Memberships as owner that an active user holds."""
        people = User.objects.filter(is_active=True)
        return self.filter(role=Role.OWNER).filter(
            Q(user__in=people) | Q(group__in=Group.objects.filter(members__in=people))
        )


class Membership(models.Model):
    """The role of one user or of one group in one workspace."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="memberships"
    )
    group = models.ForeignKey(
        Group, null=True, blank=True, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=6, choices=Role, default=Role.VIEWER)
    created = models.DateTimeField(auto_now_add=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=True, group__isnull=False)
                | Q(user__isnull=False, group__isnull=True),
                name="membership_of_user_or_group",
            ),
            models.UniqueConstraint(fields=["workspace", "user"], name="membership_user_once"),
            models.UniqueConstraint(fields=["workspace", "group"], name="membership_group_once"),
        ]

    def __str__(self) -> str:
        return f"{self.holder} {self.role}"

    @property
    def holder(self) -> User | Group:
        """The user or the group."""
        found = self.user or self.group
        assert found is not None, "a check constraint of the database ensures a holder"
        return found
