"""The page of members: users by exact address, groups by exact name, without lists of either."""

import pytest
from support.factories import make_group, make_user

from workspaces.models import Membership


@pytest.fixture
def page(workspace):
    return f"/w/{workspace.slug}/members/"


def test_owners_add_users_by_address_and_groups_by_name(browse, owner, stranger, workspace, page):
    group = make_group("Pilots")

    person = browse(owner).post(page, {"email": stranger.email, "role": "viewer"})
    crew = browse(owner).post(page, {"group": "pilots", "role": "editor"})

    assert (person.status_code, crew.status_code) == (302, 302)
    assert Membership.objects.filter(workspace=workspace, user=stranger, role="viewer").exists()
    assert Membership.objects.filter(workspace=workspace, group=group, role="editor").exists()


def test_groups_of_other_users_are_not_listed(browse, owner, page):
    make_group("Pilots", members=(owner,))
    make_group("Redundancies")

    shown = browse(owner).get(page).text

    assert "Pilots" in shown
    assert "Redundancies" not in shown


def test_a_disabled_user_is_reported_as_unknown(browse, call, owner, page, workspace):
    make_user("Gone", is_active=False)
    api = f"/api/v1/workspaces/{workspace.slug}/members/"

    gone = call(owner).post(api, {"email": "gone@example.org"}).json()
    nobody = call(owner).post(api, {"email": "nobody@example.org"}).json()
    shown = browse(owner).post(page, {"email": "gone@example.org", "role": "viewer"})

    assert gone == nobody
    assert shown.status_code == 400
    assert gone["errors"]["email"][0] in shown.text


@pytest.mark.parametrize(
    "body", [{}, {"email": "rui@example.org", "group": "x"}, {"group": "nothing"}]
)
def test_a_form_with_no_holder_or_two_holders_is_shown_again(browse, owner, page, body):
    assert browse(owner).post(page, {"role": "viewer", **body}).status_code == 400
