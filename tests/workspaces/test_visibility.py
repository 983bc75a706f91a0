"""Workspaces and memberships that a user may see, by role."""

from contextlib import nullcontext

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.utils import timezone
from support.factories import make_group, make_user, make_workspace

from workspaces.access import require_role, workspace_for
from workspaces.exceptions import NotAllowed
from workspaces.models import Membership, Role, Workspace

pytestmark = pytest.mark.django_db


def test_members_see_their_workspace(workspace, owner, editor, reader):
    for member in (owner, editor, reader):
        assert Workspace.objects.visible_to(member).get() == workspace


def test_strangers_visitors_and_administrators_do_not_see_the_workspace(workspace, stranger, admin):
    for outsider in (stranger, admin, AnonymousUser()):
        assert not Workspace.objects.visible_to(outsider).exists()


def test_a_workspace_without_members_is_invisible_to_visitors(db):
    make_workspace("Empty")

    assert not Workspace.objects.visible_to(AnonymousUser()).exists()


def test_each_role_includes_the_rights_of_lower_roles(workspace, owner, editor, reader):
    assert [Workspace.objects.editable_by(user).count() for user in (owner, editor, reader)] == [
        1,
        1,
        0,
    ]
    assert [Workspace.objects.owned_by(user).count() for user in (owner, editor, reader)] == [
        1,
        0,
        0,
    ]


def test_a_group_gives_its_members_its_role(workspace, stranger):
    group = make_group("Readers", members=(stranger,))
    Membership.objects.create(workspace=workspace, group=group, role=Role.EDITOR)

    assert Workspace.objects.editable_by(stranger).get() == workspace
    group.members.clear()
    assert not Workspace.objects.visible_to(stranger).exists()


def test_the_higher_of_two_roles_counts(workspace, reader):
    group = make_group("Editors", members=(reader,))
    Membership.objects.create(workspace=workspace, group=group, role=Role.EDITOR)

    assert workspace.role_of(reader) == Role.EDITOR
    assert Workspace.objects.visible_to(reader).count() == 1


def test_memberships_are_visible_to_members_only(workspace, reader, stranger, admin):
    make_workspace("Other", owner=stranger)

    assert set(Membership.objects.visible_to(reader)) == set(workspace.memberships.all())
    for outsider in (admin, AnonymousUser()):
        assert not Membership.objects.visible_to(outsider).exists()


@pytest.mark.parametrize(
    ("held", "refused"), [("owner", []), ("editor", ["owner"]), ("viewer", ["editor", "owner"])]
)
def test_a_role_satisfies_lower_roles_and_no_higher_ones(workspace, stranger, held, refused):
    Membership.objects.create(workspace=workspace, user=stranger, role=held)

    for role in Role:
        with pytest.raises(NotAllowed) if role in refused else nullcontext():
            require_role(stranger, workspace, role)
        with pytest.raises(NotAllowed) if role in refused else nullcontext():
            assert workspace_for(stranger, workspace.slug, role) == workspace


@pytest.mark.parametrize("role", [Role.EDITOR, Role.OWNER])
def test_strangers_administrators_and_visitors_hold_no_role(workspace, stranger, admin, role):
    for outsider in (stranger, admin, AnonymousUser()):
        with pytest.raises(NotAllowed):
            require_role(outsider, workspace, role)
        with pytest.raises(Http404):
            workspace_for(outsider, workspace.slug, role)


def test_a_deleted_workspace_is_invisible_to_all(workspace, owner):
    Workspace.objects.update(deleted=timezone.now())

    assert not Workspace.objects.visible_to(owner).exists()


def test_disabled_users_do_not_count_as_owners(workspace, owner):
    assert Membership.objects.owning().filter(workspace=workspace).count() == 1
    owner.is_active = False
    owner.save()
    assert not Membership.objects.owning().filter(workspace=workspace).exists()


def test_an_empty_group_owns_nothing(workspace):
    group = make_group("Nobody")
    Membership.objects.create(workspace=workspace, group=group, role=Role.OWNER)

    assert Membership.objects.owning().filter(group=group).count() == 0
    group.members.add(make_user())
    assert Membership.objects.owning().filter(group=group).count() == 1
