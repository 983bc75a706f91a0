"""Services of workspaces: concurrent changes, reserved names, defaults and deleted connections."""

import pytest
from django.utils import timezone
from support.concurrent_calls import run_together, wait_for_each_other
from support.factories import make_workspace

from workspaces import services
from workspaces.exceptions import LastOwner
from workspaces.models import Membership, Role, Workspace
from workspaces.services import change_workspace
from workspaces.signals import workspace_changed

pytestmark = pytest.mark.django_db


def test_a_change_with_stale_data_keeps_the_setting_of_another_owner(owner):
    workspace = make_workspace(owner=owner)
    stale = Workspace.objects.get(pk=workspace.pk)

    change_workspace(workspace, by=owner, top_k=5)
    change_workspace(stale, by=owner, mode="strict")

    workspace.refresh_from_db()
    assert (workspace.top_k, workspace.mode) == (5, "strict")


def test_a_reserved_slug_is_given_to_administrators_only(owner, admin, settings):
    settings.RESERVED_SLUGS = {"hr"}

    assert services.create_workspace(name="HR", by=owner).slug.startswith("hr-")
    assert services.create_workspace(name="HR", by=admin).slug == "hr"


def test_a_changed_default_is_announced_for_workspaces_without_a_value(monkeypatch):
    follows, differs, deleted = (make_workspace() for _ in range(3))
    Workspace.objects.filter(pk=differs.pk).update(top_k=5)
    Workspace.objects.filter(pk=deleted.pk).update(deleted=timezone.now())
    announced: list[Workspace] = []
    monkeypatch.setattr(
        workspace_changed, "send", lambda sender, workspace: announced.append(workspace)
    )

    services.announce_changed_defaults(["top_k"])

    assert announced == [follows]


def test_workspaces_use_the_default_instead_of_a_deleted_connection_but_keep_similar_names(admin):
    workspace, other = make_workspace(), make_workspace()
    models = {"chat_model": "lab/m", "rerank_model": "laboratory/m"}
    Workspace.objects.filter(pk=workspace.pk).update(**models, parse_server="laboratory")
    Workspace.objects.filter(pk=other.pk).update(chat_model="laboratory/m", parse_server="lab")

    services.forget_connection("lab", by=admin)

    workspace.refresh_from_db()
    other.refresh_from_db()
    assert (workspace.chat_model, workspace.rerank_model, workspace.parse_server) == (
        None,
        "laboratory/m",
        "laboratory",
    )
    assert (other.chat_model, other.parse_server) == ("laboratory/m", None)


@pytest.mark.django_db(transaction=True)
def test_concurrent_departures_leave_one_owner(monkeypatch, owner, editor):
    workspace = make_workspace(owner=owner)
    memberships = [
        Membership.objects.get(workspace=workspace, user=owner),
        Membership.objects.create(workspace=workspace, user=editor, role=Role.OWNER),
    ]
    wait_for_each_other(monkeypatch, services, "_keep_an_owner")

    refusals = run_together(
        *(lambda one=one: services.remove_member(one, by=one.user) for one in memberships)
    )

    assert [type(refusal) for refusal in refusals] == [LastOwner]
    assert workspace.memberships.count() == 1
