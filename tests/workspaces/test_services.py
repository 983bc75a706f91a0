"""Writes around workspaces that no single request shows."""

import pytest
from factories import make_workspace

from workspaces import services
from workspaces.models import Workspace
from workspaces.services import change_workspace

pytestmark = pytest.mark.django_db


def test_what_another_owner_has_set_meanwhile_stays(owner):
    workspace = make_workspace(owner=owner)
    stale = Workspace.objects.get(pk=workspace.pk)

    change_workspace(workspace, by=owner, top_k=5)
    change_workspace(stale, by=owner, mode="strict")

    workspace.refresh_from_db()
    assert (workspace.top_k, workspace.mode) == (5, "strict")


def test_a_name_to_which_more_is_open_is_for_administrators(owner, admin, settings):
    settings.RESERVED_SLUGS = {"hr"}

    assert services.create_workspace(name="HR", by=owner).slug.startswith("hr-")
    assert services.create_workspace(name="HR", by=admin).slug == "hr"
