"""Writes around workspaces and members.

Callers check permissions; the rules of the writes are here.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Group, User
from audit.services import record
from providers import registry
from providers.exceptions import ModelNotFound, ProviderError
from providers.models import Connection
from workspaces.exceptions import AlreadyMember, LastOwner, WorkspaceRefusal
from workspaces.models import Membership, Role, Workspace
from workspaces.signals import workspace_changed
from workspaces.slugs import slug_candidates

MODEL_SETTINGS = {
    "chat_model": registry.chat_model,
    "embedding_model": registry.embedding_model,
    "rerank_model": registry.rerank_model,
}


@transaction.atomic
def create_workspace(*, name: str, description: str = "", by: User) -> Workspace:
    """Create a workspace with `by` as its owner and a free slug."""
    workspace = _with_free_slug(Workspace(name=name.strip(), description=description.strip()), by)
    Membership.objects.create(workspace=workspace, user=by, role=Role.OWNER)
    record("workspace.created", by=by, about=workspace)
    return workspace


def _with_free_slug(workspace: Workspace, by: User) -> Workspace:
    workspace.full_clean(exclude=["slug"])
    for slug in slug_candidates(workspace.name):
        if slug in settings.RESERVED_SLUGS and not by.is_admin:
            continue  # A reserved slug gives access to a watched folder.
        workspace.slug = slug
        try:
            with transaction.atomic():
                workspace.save(force_insert=True)
        except IntegrityError:
            continue
        return workspace
    raise WorkspaceRefusal(_("This name cannot be used. Try another one."))


@transaction.atomic
def change_workspace(workspace: Workspace, *, by: User | None, **changes: Any) -> Workspace:
    """Change the name, the description or settings; raises `ValidationError`.

    Sends `workspace_changed` within the transaction: outdated documents are queued before the
    change is visible.
    """
    # Reload the row under a lock, to keep concurrent changes of other fields.
    workspace.refresh_from_db(from_queryset=Workspace.objects.select_for_update(no_key=True))
    _refuse_unknown_models(workspace, changes, by)
    slug = changes.get("parse_server")
    if (
        slug
        and slug != workspace.parse_server
        and not Connection.objects.of_parsing().filter(slug=slug).exists()
    ):
        raise ValidationError({"parse_server": _("There is no parse server “%s”.") % slug})
    for field, value in changes.items():
        setattr(
            workspace,
            field,
            None if value == "" and field in settings.WORKSPACE_DEFAULTS else value,
        )
    workspace.full_clean()
    if workspace.setting("chunk_overlap") * 2 > workspace.setting("chunk_tokens"):
        raise ValidationError(
            {"chunk_overlap": _("The overlap can be at most half of the chunk size.")}
        )
    workspace.save()
    record("workspace.changed", by=by, about=workspace)
    workspace_changed.send(sender=Workspace, workspace=workspace)
    return workspace


def _refuse_unknown_models(workspace: Workspace, changes: dict[str, Any], by: User | None) -> None:
    """Raise `ValidationError` for a changed model that does not exist or that `by` may not use.

    An unchanged choice of another owner is accepted.
    """
    for field, find in MODEL_SETTINGS.items():
        model = changes.get(field)
        if not model or model == getattr(workspace, field):
            continue
        try:
            if by is not None and not registry.may_use(by, model):
                raise ModelNotFound(model)
            find(model)
        except ModelNotFound as error:
            raise ValidationError({field: str(error)}) from error
        except ProviderError:
            pass  # The model exists; its error appears when it is used.


def announce_changed_defaults(names: Sequence[str]) -> None:
    """Send `workspace_changed` for workspaces that follow one of the server's defaults `names`."""
    for name in names:
        for workspace in Workspace.objects.filter(
            **{f"{name}__isnull": True}, deleted__isnull=True
        ):
            workspace_changed.send(sender=Workspace, workspace=workspace)


def forget_connection(slug: str, *, by: User) -> None:
    """Reset settings that name a deleted connection or its models to the server's defaults."""
    named = Q(parse_server=slug)
    for field in MODEL_SETTINGS:
        named |= Q(**{f"{field}__startswith": f"{slug}/"})
    for workspace in Workspace.objects.filter(named, deleted__isnull=True):
        lost = [
            field
            for field in MODEL_SETTINGS
            if str(getattr(workspace, field)).startswith(f"{slug}/")
        ]
        lost += ["parse_server"] if workspace.parse_server == slug else []
        change_workspace(workspace, by=by, **dict.fromkeys(lost))


def delete_workspace(workspace: Workspace, *, by: User) -> None:
    """Make a workspace invisible at once; its contents are purged in the background."""
    Workspace.objects.filter(pk=workspace.pk, deleted__isnull=True).update(deleted=timezone.now())
    record("workspace.deleted", by=by, about=workspace)


def add_member(workspace: Workspace, *, holder: User | Group, role: Role, by: User) -> Membership:
    """Give a user or a group a role; raises `AlreadyMember`."""
    membership = Membership(workspace=workspace, role=role)
    if isinstance(holder, User):
        membership.user = holder
    else:
        membership.group = holder
    try:
        with transaction.atomic():
            membership.save()
            record("member.added", by=by, about=membership)
    except IntegrityError:
        raise AlreadyMember(holder) from None
    return membership


def find_holder(*, email: str = "", group: str = "") -> User | Group:
    """Return the active user with this address, or the group of this name.

    Raises `ValidationError` for the field.

    Owners add members by exact address or name, so they could probe for addresses; within one
    organisation, adding members without an administrator is worth more. There are no lists and no
    partial matches, and a disabled user is reported as unknown.
    """
    if email:
        user: User | None = User.objects.named(email).filter(is_active=True).first()
        if user is None:
            raise ValidationError(
                {
                    "email": _(
                        "There is no active account with this e-mail address. Ask an administrator to add one."
                    )
                }
            )
        return user
    found = Group.objects.filter(name__iexact=group.strip()).first()
    if found is None:
        raise ValidationError(
            {
                "group": _(
                    "There is no group with this name. Ask an administrator for the exact name."
                )
            }
        )
    return found


@transaction.atomic
def change_role(membership: Membership, *, role: Role, by: User) -> Membership:
    """Give a member another role; raises `LastOwner`."""
    _lock_members(membership.workspace)
    membership.role = role
    membership.save(update_fields=["role"])
    _keep_an_owner(membership.workspace)
    record("member.changed", by=by, about=membership)
    return membership


@transaction.atomic
def remove_member(membership: Membership, *, by: User) -> None:
    """End a membership; raises `LastOwner`."""
    _lock_members(membership.workspace)
    record("member.removed", by=by, about=membership)
    membership.delete()
    _keep_an_owner(membership.workspace)


def _lock_members(workspace: Workspace) -> None:
    # Of two owners who leave at the same time, the second must see that the first has left.
    Workspace.objects.select_for_update().get(pk=workspace.pk)


def _keep_an_owner(workspace: Workspace) -> None:
    if not Membership.objects.owning().filter(workspace=workspace).exists():
        raise LastOwner
