"""Each change of a workspace or its members adds one audit event with actor and target."""

import pytest

from audit.models import Event
from workspaces.models import Membership, Workspace

pytestmark = pytest.mark.django_db


def recorded(action: str) -> tuple[str, str, str]:
    """Return actor, id and label of the only event of this action."""
    event = Event.objects.get(action=action)
    return event.actor_label, event.target_id, event.target_label


def test_events_of_workspaces_name_the_owner_and_the_workspace(call, owner, workspace):
    call(owner).post("/api/v1/workspaces/", {"name": "Wind tunnels"})
    made = Workspace.objects.get(name="Wind tunnels")
    path = f"/api/v1/workspaces/{workspace.slug}/"

    call(owner).patch(path, {"name": "Hydrodynamics"})
    call(owner).delete(path)

    assert recorded("workspace.created") == (owner.email, str(made.pk), "Wind tunnels")
    assert recorded("workspace.changed") == (owner.email, str(workspace.pk), "Hydrodynamics")
    assert recorded("workspace.deleted") == (owner.email, str(workspace.pk), "Hydrodynamics")


def test_events_of_members_name_the_owner_the_member_and_the_role(
    call, owner, workspace, stranger, reader
):
    path = f"/api/v1/workspaces/{workspace.slug}/members/"
    membership = Membership.objects.get(workspace=workspace, user=reader)

    added = call(owner).post(path, {"email": stranger.email, "role": "viewer"}).json()
    call(owner).patch(f"{path}{membership.pk}/", {"role": "editor"})
    call(owner).delete(f"{path}{membership.pk}/")

    assert recorded("member.added") == (owner.email, added["id"], "Stanley viewer")
    assert recorded("member.changed") == (owner.email, str(membership.pk), "Rui editor")
    assert recorded("member.removed") == (owner.email, str(membership.pk), "Rui editor")


def test_a_refused_change_of_members_adds_no_event(call, owner, workspace):
    last = Membership.objects.get(workspace=workspace, user=owner)

    answer = call(owner).delete(f"/api/v1/workspaces/{workspace.slug}/members/{last.pk}/")

    assert answer.status_code == 409
    assert not Event.objects.filter(action__startswith="member.").exists()
