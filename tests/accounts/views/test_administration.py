"""Concurrent changes of users and groups, and their visibility."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from support.factories import PASSWORD, make_group

from accounts.models import Group, User
from audit.models import Event

TAKEN = ValidationError({"__all__": ["That is taken by now."]})


def fail(*_arguments: object, **_more: object) -> None:
    raise TAKEN


@pytest.mark.parametrize(
    ("service", "body"),
    [
        ("create_user", {"email": "new@example.org", "name": "New", "password": PASSWORD}),
        ("change_user", {"email": "rui@example.org", "name": "Rui"}),
        ("create_group", {"name": "Pilots"}),
        ("change_group", {"name": "Pilots"}),
    ],
)
def test_a_name_taken_by_a_concurrent_request_is_reported_on_the_form(
    browse, admin, reader, monkeypatch, service, body
):
    one = {"change_user": f"users/{reader.pk}", "change_group": f"groups/{make_group('Crew').pk}"}
    path = one.get(service) or {"create_user": "users", "create_group": "groups"}[service]
    monkeypatch.setattr(f"accounts.services.{service}", fail)

    answer = browse(admin).post(f"/{path}/", body)

    assert answer.status_code == 400
    assert "That is taken by now." in answer.text


def test_a_disabled_user_is_created_in_one_transaction(call, admin, monkeypatch):
    body = {"email": "new@example.org", "name": "New", "password": PASSWORD, "is_active": False}

    answer = call(admin).post("/api/v1/users/", body)

    assert (answer.status_code, answer.json()["is_active"]) == (201, False)
    assert not User.objects.get(email="new@example.org").is_active
    assert Event.objects.filter(action__startswith="user.").count() == 1


def test_no_user_is_created_without_an_audit_event(call, admin, monkeypatch):
    client = call(admin)
    client.raise_request_exception = False
    monkeypatch.setattr("accounts.services.record", fail)

    client.post("/api/v1/users/", {"email": "new@example.org", "name": "New", "password": PASSWORD})

    assert not User.objects.filter(email="new@example.org").exists()


def test_only_administrators_see_other_users_and_groups(admin, reader, stranger):
    own = make_group("Crew", members=(reader,))
    make_group("Pilots", members=(stranger,))

    assert User.objects.visible_to(admin).count() == 3
    assert Group.objects.visible_to(admin).count() == 2
    assert User.objects.visible_to(reader).get() == reader
    assert Group.objects.visible_to(reader).get() == own
    assert not User.objects.visible_to(AnonymousUser()).exists()
    assert not Group.objects.visible_to(AnonymousUser()).exists()
