"""Refusals around workspaces.

Refusal
└── WorkspaceRefusal
    ├── NotAllowed      403  permission_denied   visible, but the role does not suffice
    ├── LastOwner       409  last_owner
    └── AlreadyMember   409  already_member
"""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from web.exceptions import Refusal


class WorkspaceRefusal(Refusal):
    """Base of all refusals around workspaces."""


class NotAllowed(WorkspaceRefusal, PermissionDenied):
    """The caller's role in a visible workspace does not suffice; pages answer with 403.html."""

    code = "permission_denied"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            _("Your role in this workspace does not allow this. Ask one of its owners.")
        )


class LastOwner(WorkspaceRefusal):
    """The change would leave the workspace without an owner."""

    code = "last_owner"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("This is the only owner. Make another member an owner first."))


class AlreadyMember(WorkspaceRefusal):
    """The user or group is already a member."""

    code = "already_member"
    status = 409

    def __init__(self, holder: object) -> None:
        super().__init__(
            _("%(holder)s is already a member. Change the role instead.") % {"holder": holder}
        )
