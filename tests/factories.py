"""Rows for tests, each with as little as it needs."""

import itertools

from accounts.models import Group, User
from workspaces.models import Membership, Role, Workspace

_numbers = itertools.count(1)
PASSWORD = "a quiet reading room"


def make_user(name: str = "", **fields: object) -> User:
    name = name or f"person{next(_numbers)}"
    user = User(name=name, email=fields.pop("email", f"{name.lower()}@example.org"), **fields)
    user.set_password(PASSWORD)
    user.save()
    return user


def make_group(name: str = "", members: tuple[User, ...] = ()) -> Group:
    group = Group.objects.create(name=name or f"group{next(_numbers)}")
    group.members.set(members)
    return group


def make_workspace(name: str = "", **roles: User) -> Workspace:
    """A workspace; `owner=`, `editor=`, `viewer=` say who is in it."""
    number = next(_numbers)
    workspace = Workspace.objects.create(name=name or f"Workspace {number}", slug=f"workspace-{number}")
    for role, user in roles.items():
        Membership.objects.create(workspace=workspace, user=user, role=Role(role))
    return workspace
