"""The API of workspaces and members."""

import pytest
from support.factories import make_group, make_user, make_workspace

from workspaces.models import Membership, Role, Workspace

pytestmark = pytest.mark.django_db


def members_path(workspace, membership=None):
    tail = f"{membership.pk}/" if membership else ""
    return f"/api/v1/workspaces/{workspace.slug}/members/{tail}"


def membership_of(workspace, user):
    return Membership.objects.get(workspace=workspace, user=user)


def test_the_creator_of_a_workspace_is_its_owner(call, stranger):
    answer = call(stranger).post(
        "/api/v1/workspaces/", {"name": "Wind tunnels", "description": "All of them"}
    )

    assert answer.status_code == 201
    assert answer.json()["slug"] == "wind-tunnels"
    assert answer.json()["role"] == "owner"
    assert answer.json()["top_k"] is None


@pytest.mark.parametrize("name", ["空气动力学", "🛫", "Ärodynamik", "new"])
def test_every_name_gets_a_slug(call, stranger, name):
    first = call(stranger).post("/api/v1/workspaces/", {"name": name}).json()
    second = call(stranger).post("/api/v1/workspaces/", {"name": name}).json()

    assert first["name"] == second["name"] == name
    assert first["slug"] != second["slug"]
    assert call(stranger).get(f"/api/v1/workspaces/{second['slug']}/").status_code == 200


@pytest.mark.parametrize(
    "body", [{}, {"name": ""}, {"name": "  "}, {"name": "x" * 151}, {"name": "a\u0000b"}, []]
)
def test_an_invalid_name_answers_400(call, stranger, body):
    answer = call(stranger).post("/api/v1/workspaces/", body)

    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_rows_of_the_list_equal_the_detail(call, workspace, reader):
    client = call(reader)

    listed = client.get("/api/v1/workspaces/").json()["results"]

    assert listed == [client.get(f"/api/v1/workspaces/{workspace.slug}/").json()]


def test_a_list_continues_at_its_cursor(call, stranger):
    client = call(stranger)
    for number in range(3):
        client.post("/api/v1/workspaces/", {"name": f"Room {number}"})

    first = client.get("/api/v1/workspaces/?page_size=2").json()
    second = client.get(first["next"]).json()

    assert [row["name"] for row in first["results"] + second["results"]] == [
        "Room 2",
        "Room 1",
        "Room 0",
    ]
    assert second["next"] is None


def test_owners_change_settings_and_null_means_the_default(call, workspace, owner):
    path = f"/api/v1/workspaces/{workspace.slug}/"

    changed = call(owner).patch(path, {"top_k": 5, "mode": "strict", "chunk_tokens": 300})
    reset = call(owner).patch(path, {"top_k": None})

    assert (changed.status_code, changed.json()["top_k"]) == (200, 5)
    assert reset.json()["top_k"] is None
    assert Workspace.objects.get().setting("top_k") == 8
    assert Workspace.objects.get().setting("chunk_tokens") == 300


@pytest.mark.parametrize(
    "change",
    [
        {"top_k": 0},
        {"top_k": 101},
        {"mode": "loose"},
        {"chunk_tokens": 3},
        {"chunk_overlap": 390},
        {"temperature": 9},
    ],
)
def test_a_setting_out_of_range_is_reported_on_its_field(call, workspace, owner, change):
    answer = call(owner).patch(f"/api/v1/workspaces/{workspace.slug}/", change)

    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == set(change)


def test_the_slug_never_changes(call, workspace, owner):
    call(owner).patch(f"/api/v1/workspaces/{workspace.slug}/", {"slug": "other", "name": "Other"})

    assert Workspace.objects.get().slug == workspace.slug


def test_editors_can_read_but_not_change_settings(call, workspace, editor):
    path = f"/api/v1/workspaces/{workspace.slug}/"

    assert call(editor).get(path).json()["role"] == "editor"
    for answer in (call(editor).patch(path, {"name": "Mine"}), call(editor).delete(path)):
        assert answer.status_code == 403
        assert answer.json()["code"] == "permission_denied"


def test_a_deleted_workspace_is_invisible_at_once(call, workspace, owner):
    client = call(owner)

    assert client.delete(f"/api/v1/workspaces/{workspace.slug}/").status_code == 204
    assert client.get(f"/api/v1/workspaces/{workspace.slug}/").status_code == 404
    assert client.get("/api/v1/workspaces/").json()["results"] == []


def test_owners_add_users_and_groups(call, workspace, owner, stranger):
    make_group("Pilots", members=(stranger,))

    person = call(owner).post(members_path(workspace), {"email": stranger.email, "role": "editor"})
    group = call(owner).post(members_path(workspace), {"group": "pilots"})

    assert (person.status_code, person.json()["role"]) == (201, "editor")
    assert (group.status_code, group.json()["group"], group.json()["email"]) == (
        201,
        "Pilots",
        None,
    )


def test_a_member_is_found_by_e_mail_address_in_any_case(call, workspace, owner, stranger):
    answer = call(owner).post(members_path(workspace), {"email": stranger.email.upper()})

    assert (answer.status_code, answer.json()["email"]) == (201, stranger.email)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"email": "nobody@example.org"}, 400),
        ({"group": "nothing"}, 400),
        ({"email": "olga@example.org", "group": "x"}, 400),
        ({"email": "edith@example.org", "role": "king"}, 400),
        ({"email": "edith@example.org"}, 409),
    ],
)
def test_an_invalid_member_is_refused(call, workspace, owner, body, status):
    answer = call(owner).post(members_path(workspace), body)

    assert answer.status_code == status
    assert answer.json()["detail"]


def test_chunks_share_at_most_half_of_their_tokens(call, workspace, owner):
    path = f"/api/v1/workspaces/{workspace.slug}/"

    assert call(owner).patch(path, {"chunk_tokens": 100, "chunk_overlap": 50}).status_code == 200
    assert call(owner).patch(path, {"chunk_overlap": 51}).status_code == 400


def test_the_last_owner_cannot_leave(call, workspace, owner, stranger):
    make_workspace("Other", owner=stranger)
    path = members_path(workspace, membership_of(workspace, owner))

    assert call(owner).delete(path).json()["code"] == "last_owner"
    assert call(owner).patch(path, {"role": "viewer"}).status_code == 409
    assert workspace.role_of(owner) == Role.OWNER


def test_an_owner_can_leave_if_another_owner_remains(call, workspace, owner, editor):
    call(owner).patch(members_path(workspace, membership_of(workspace, editor)), {"role": "owner"})

    assert (
        call(owner).delete(members_path(workspace, membership_of(workspace, owner))).status_code
        == 204
    )
    assert call(owner).get(f"/api/v1/workspaces/{workspace.slug}/").status_code == 404


def test_members_may_leave_but_not_remove_other_members(call, workspace, reader, editor):
    client = call(reader)

    assert (
        client.delete(members_path(workspace, membership_of(workspace, editor))).status_code == 403
    )
    assert (
        client.delete(members_path(workspace, membership_of(workspace, reader))).status_code == 204
    )
    assert client.get(members_path(workspace)).status_code == 404


def test_a_member_of_another_workspace_is_not_found_here(call, workspace, owner, stranger):
    other = call(stranger).post("/api/v1/workspaces/", {"name": "Other"}).json()
    foreign = Membership.objects.get(workspace__slug=other["slug"])

    assert (
        call(owner).patch(members_path(workspace, foreign), {"role": "viewer"}).status_code == 404
    )


def test_the_list_of_workspaces_costs_no_query_per_row(
    call, stranger, django_assert_max_num_queries
):
    client = call(stranger)
    for number in range(12):
        client.post("/api/v1/workspaces/", {"name": f"Room {number}"})

    with django_assert_max_num_queries(8):
        rows = client.get("/api/v1/workspaces/").json()["results"]

    assert len(rows) == 12


def test_the_list_of_members_costs_no_query_per_row(
    call, workspace, owner, django_assert_max_num_queries
):
    for _number in range(12):
        Membership.objects.create(workspace=workspace, user=make_user())
    client = call(owner)

    with django_assert_max_num_queries(8):
        assert len(client.get(members_path(workspace)).json()["results"]) == 15


@pytest.mark.parametrize("setting", ["chat_model", "embedding_model"])
def test_an_unknown_model_is_refused(call, owner, workspace, setting):
    answer = call(owner).patch(f"/api/v1/workspaces/{workspace.slug}/", {setting: "nowhere/model"})

    assert answer.status_code == 400
    assert "nowhere/model" in answer.json()["errors"][setting][0]


def test_an_empty_setting_means_the_default(call, owner, workspace):
    answer = call(owner).patch(
        f"/api/v1/workspaces/{workspace.slug}/", {"embedding_model": "", "mode": ""}
    )

    assert answer.status_code == 200
    assert (answer.json()["embedding_model"], answer.json()["mode"]) == (None, None)


def test_invalid_settings_create_no_workspace(call, owner):
    answer = call(owner).post(
        "/api/v1/workspaces/", {"name": "Never", "embedding_model": "nowhere/model"}
    )

    assert answer.status_code == 400
    assert not Workspace.objects.filter(name="Never").exists()
