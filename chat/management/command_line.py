"""Common arguments of commands: the workspace, and the user whose access rights apply."""

from types import SimpleNamespace
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from web.templatetags.web import pages
from workspaces.models import Membership, Role, Workspace


def add_arguments(parser: CommandParser) -> None:
    """Add the arguments --workspace, --user and --json."""
    parser.add_argument("--workspace", required=True, metavar="SLUG", help="where to look")
    parser.add_argument(
        "--user", metavar="EMAIL", help="as whom; without it, as an owner of the workspace"
    )
    parser.add_argument("--json", action="store_true", help="write JSON, for programs")


def place_and_person(slug: str, email: str | None) -> tuple[Workspace, User]:
    """Return the workspace and the user; without `email`, an owner. Raises `CommandError`."""
    workspace = Workspace.objects.filter(slug=slug, deleted__isnull=True).first()
    if workspace is None:
        raise CommandError(_("There is no workspace “%(slug)s”.") % {"slug": slug})
    if email:
        user = User.objects.named(email).first()
    else:
        held = Membership.objects.filter(workspace=workspace, role=Role.OWNER)
        owners = Q(pk__in=held.values("user")) | Q(memberships_in_groups__in=held.values("group"))
        user = User.objects.filter(owners, is_active=True).order_by("id").first()
    if user is None or workspace.role_of(user) is None:
        said = (
            _("%(email)s is not a member of this workspace.")
            if email
            else _("This workspace has no owner.")
        )
        raise CommandError(said % {"email": email})
    return workspace, user


def where(row: dict[str, Any]) -> str:
    """Return the pages and headings of a citation or hit, as a suffix to the document's name."""
    said = pages(SimpleNamespace(**row))
    return (f", {said}" if said else "") + "".join(f" › {heading}" for heading in row["headings"])
