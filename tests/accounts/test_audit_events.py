"""Each change of a user, a group or a token adds one audit event with actor and target."""

import pytest
from django.core.management import call_command
from support.factories import PASSWORD, make_group

from accounts import services
from accounts.models import ApiToken, User
from audit.models import Event

pytestmark = pytest.mark.django_db


def recorded(action: str) -> tuple[str, str, str]:
    """Return actor, id and label of the only event of this action."""
    event = Event.objects.get(action=action)
    return event.actor_label, event.target_id, event.target_label


def test_events_of_users_name_administrator_and_user(call, admin, reader):
    added = (
        call(admin)
        .post("/api/v1/users/", {"email": "new@example.org", "name": "New", "password": PASSWORD})
        .json()
    )
    call(admin).patch(f"/api/v1/users/{reader.pk}/", {"name": "Rui Costa"})

    assert recorded("user.created") == (admin.email, added["id"], "New")
    assert recorded("user.changed") == (admin.email, str(reader.pk), "Rui Costa")


def test_a_change_of_password_is_recorded_for_its_owner(browse, reader):
    new = {"old_password": PASSWORD, "password": "another long phrase"}

    assert browse(reader).post("/account/password/", new).status_code == 302
    assert recorded("user.password_changed") == (reader.email, str(reader.pk), "Rui")


def test_the_first_administrator_and_a_reset_are_recorded_without_actor(monkeypatch):
    user = services.create_first_administrator(
        email="ada@example.org", name="Ada", password=PASSWORD
    )
    User.objects.update(is_active=False, is_admin=False)
    monkeypatch.setenv("ADMIN_PASSWORD", "another long phrase")

    call_command("createadmin", email=user.email, reset=True)

    assert recorded("user.created") == recorded("user.reset") == ("", str(user.pk), "Ada")
    user.refresh_from_db()
    assert (user.is_active, user.is_admin) == (True, True)


def test_events_of_groups_name_administrator_and_group(call, admin):
    group = make_group("Crew")

    made = call(admin).post("/api/v1/groups/", {"name": "Pilots"}).json()
    call(admin).patch(f"/api/v1/groups/{group.pk}/", {"name": "Ground crew"})
    call(admin).delete(f"/api/v1/groups/{group.pk}/")

    assert recorded("group.created") == (admin.email, made["id"], "Pilots")
    assert recorded("group.changed") == (admin.email, str(group.pk), "Ground crew")
    assert recorded("group.deleted") == (admin.email, str(group.pk), "Ground crew")


def test_events_of_tokens_contain_no_secret(call, reader):
    credentials = {"email": reader.email, "password": PASSWORD, "name": "Script"}
    answer = call().post("/api/v1/tokens/", credentials).json()
    client = call()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer['token']}")

    client.delete(f"/api/v1/tokens/{answer['id']}/")

    assert (
        recorded("token.created")
        == recorded("token.revoked")
        == (reader.email, answer["id"], "Script")
    )
    assert not ApiToken.objects.exists()
    assert all(answer["token"] not in str(vars(event)) for event in Event.objects.all())
