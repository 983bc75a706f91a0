"""The API of users, groups and tokens."""

from datetime import timedelta

import pytest
from django.utils import timezone
from support.factories import PASSWORD, make_group, make_user

from accounts.models import ApiToken, User
from accounts.services import create_token

pytestmark = pytest.mark.django_db


def test_a_password_is_exchanged_for_a_token(call, reader):
    answer = call().post("/api/v1/tokens/", {"email": reader.email.upper(), "password": PASSWORD})

    assert answer.status_code == 201
    client = call()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['token']}")
    me = client.get("/api/v1/me/").json()
    assert me == {
        "id": str(reader.pk),
        "email": reader.email,
        "name": "Rui",
        "is_admin": False,
        "groups": [],
    }


def test_a_wrong_password_answers_401(call, reader):
    answer = call().post("/api/v1/tokens/", {"email": reader.email, "password": "wrong"})

    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "wrong_password"


def test_repeated_wrong_passwords_answer_429(call, reader, settings):
    settings.SIGN_IN_ATTEMPTS = 3
    for _attempt in range(3):
        call().post("/api/v1/tokens/", {"email": reader.email, "password": "wrong"})

    answer = call().post("/api/v1/tokens/", {"email": reader.email, "password": PASSWORD})

    assert answer.status_code == 429
    assert answer.json()["code"] == "too_many_attempts"


def test_only_the_digest_of_a_token_is_stored(call, reader):
    raw = (
        call()
        .post("/api/v1/tokens/", {"email": reader.email, "password": PASSWORD})
        .json()["token"]
    )

    token = ApiToken.objects.get()
    assert raw not in str(vars(token))


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer ", "Bearer", "Basic eDp5"])
def test_a_missing_or_invalid_token_answers_401(call, header, reader):
    client = call()
    client.credentials(HTTP_AUTHORIZATION=header)

    answer = client.get("/api/v1/me/")

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "change", [lambda raw: raw[:-1], lambda raw: raw + "A", lambda raw: raw.swapcase()]
)
def test_a_truncated_extended_or_recased_token_answers_401(call, reader, change):
    _token, raw = create_token(user=reader)
    client = call()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {change(raw)}")

    assert client.get("/api/v1/me/").status_code == 401


def test_a_token_with_one_changed_character_answers_401(call, reader):
    _token, raw = create_token(user=reader)
    client = call()

    for place in (0, len(raw) // 2, len(raw) - 1):
        other = "A" if raw[place] != "A" else "B"
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {raw[:place]}{other}{raw[place + 1 :]}")
        assert client.get("/api/v1/me/").status_code == 401


def test_a_wrong_token_is_refused_even_with_a_session(browse, reader):
    assert (
        browse(reader).get("/api/v1/me/", headers={"Authorization": "Bearer wrong"}).status_code
        == 401
    )


def test_a_token_expires_after_the_requested_days(call, reader):
    credentials = {"email": reader.email, "password": PASSWORD}

    for days in (1, 30):
        call().post("/api/v1/tokens/", {**credentials, "expires_in_days": days})

    left = sorted(token.expires - timezone.now() for token in ApiToken.objects.all())
    assert [round(each / timedelta(days=1), 2) for each in left] == [1, 30]


def test_the_last_use_of_a_token_is_updated_at_most_every_five_minutes(call, reader):
    client = call(reader)
    client.get("/api/v1/me/")
    first = ApiToken.objects.get().last_used
    client.get("/api/v1/me/")
    assert first is not None
    assert ApiToken.objects.get().last_used == first

    ApiToken.objects.update(last_used=first - timedelta(minutes=6))
    client.get("/api/v1/me/")
    assert ApiToken.objects.get().last_used >= first


def test_an_expired_token_answers_401(call, reader):
    client = call(reader)
    ApiToken.objects.update(expires="2020-01-01T00:00Z")

    assert client.get("/api/v1/me/").status_code == 401


def test_disabling_a_user_revokes_access_at_once(call, reader, admin):
    client = call(reader)

    answer = call(admin).patch(f"/api/v1/users/{reader.pk}/", {"is_active": False})

    assert answer.status_code == 200
    assert client.get("/api/v1/me/").status_code == 401


def test_an_undeleted_token_of_a_disabled_user_is_refused(call, reader):
    client = call(reader)
    User.objects.filter(pk=reader.pk).update(is_active=False)

    assert client.get("/api/v1/me/").status_code == 401
    assert ApiToken.objects.exists()


def test_only_the_tokens_of_a_disabled_user_are_deleted(call, reader, owner, admin):
    for user in (reader, owner):
        create_token(user=user)

    call(admin).patch(f"/api/v1/users/{reader.pk}/", {"is_active": False})

    assert set(ApiToken.objects.values_list("user", flat=True)) == {owner.pk, admin.pk}


def test_administrators_create_users(call, admin):
    answer = call(admin).post(
        "/api/v1/users/", {"email": "new@example.org", "name": "New", "password": PASSWORD}
    )

    assert answer.status_code == 201
    assert "password" not in answer.json()
    assert User.objects.get(email="new@example.org").check_password(PASSWORD)


def test_an_e_mail_address_belongs_to_one_user(call, admin, reader):
    answer = call(admin).post(
        "/api/v1/users/", {"email": reader.email.upper(), "name": "Twin", "password": PASSWORD}
    )

    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert answer.json()["errors"]


def test_a_weak_password_is_reported_on_its_field(call, admin):
    answer = call(admin).post(
        "/api/v1/users/", {"email": "new@example.org", "name": "New", "password": "short"}
    )

    assert answer.status_code == 400
    assert "password" in answer.json()["errors"]


@pytest.mark.parametrize("other", [{"is_admin": False}, {"is_admin": True, "is_active": False}])
@pytest.mark.parametrize("change", [{"is_admin": False}, {"is_active": False}])
def test_disabled_administrators_and_users_do_not_replace_the_last_administrator(
    call, admin, other, change
):
    make_user("Other", **other)

    assert (
        call(admin).patch(f"/api/v1/users/{admin.pk}/", change).json()["code"]
        == "last_administrator"
    )
    User.objects.filter(name="Other").update(is_admin=True, is_active=True)
    assert call(admin).patch(f"/api/v1/users/{admin.pk}/", change).status_code == 200


def test_a_user_without_a_password_cannot_sign_in(call, admin):
    call(admin).post("/api/v1/users/", {"email": "new@example.org", "name": "New"})

    assert not User.objects.get(email="new@example.org").has_usable_password()


def test_the_last_administrator_cannot_be_demoted(call, admin):
    answer = call(admin).patch(f"/api/v1/users/{admin.pk}/", {"is_admin": False})

    assert answer.status_code == 409
    assert User.objects.get(pk=admin.pk).is_admin


@pytest.mark.parametrize("path", ["/api/v1/users/", "/api/v1/groups/"])
def test_calls_for_administrators_answer_other_users_with_404(call, reader, path):
    assert call(reader).get(path).status_code == 404
    assert call().get(path).status_code == 401


def test_administrators_create_groups_by_address(call, admin, reader):
    answer = call(admin).post("/api/v1/groups/", {"name": "Readers", "members": [reader.email]})

    assert answer.status_code == 201
    assert call(reader).get("/api/v1/me/").json()["groups"] == ["Readers"]


def test_groups_are_changed_and_deleted(call, admin, reader):
    group = make_group("Readers")

    changed = call(admin).patch(f"/api/v1/groups/{group.pk}/", {"members": [reader.email]})
    deleted = call(admin).delete(f"/api/v1/groups/{group.pk}/")

    assert changed.json()["members"] == [reader.email]
    assert deleted.status_code == 204


def test_a_revoked_token_answers_401(call, reader):
    client = call(reader)
    token = ApiToken.objects.get()

    assert client.delete(f"/api/v1/tokens/{token.pk}/").status_code == 204
    assert client.get("/api/v1/me/").status_code == 401


def test_the_token_of_another_user_cannot_be_revoked(call, reader, admin):
    call(reader)
    token = ApiToken.objects.get()

    assert call(admin).delete(f"/api/v1/tokens/{token.pk}/").status_code == 404


@pytest.mark.parametrize("body", ["{", "[]", '"text"', "null", '{"email": 5}'])
def test_a_malformed_body_answers_400(call, body, db):
    answer = call().post("/api/v1/tokens/", body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json()["status"] == 400


def test_an_unknown_url_is_a_problem(call, reader):
    answer = call(reader).get("/api/v1/nothing/")

    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize("address", ["\x00", "nobody@example.org", {}, 5])
def test_a_group_accepts_existing_members_only(call, admin, address):
    answer = call(admin).post("/api/v1/groups/", {"name": "Readers", "members": [address]})

    assert answer.status_code == 400
    assert "members" in answer.json()["errors"]


def test_a_password_set_by_an_administrator_deletes_tokens(call, reader, admin):
    client = call(reader)

    call(admin).patch(f"/api/v1/users/{reader.pk}/", {"password": "another quiet phrase"})

    assert client.get("/api/v1/me/").status_code == 401
    assert not ApiToken.objects.filter(user=reader).exists()


def test_group_names_are_unique_in_any_case(call, admin):
    make_group("Readers")

    answer = call(admin).post("/api/v1/groups/", {"name": "readers"})

    assert answer.status_code == 400
    assert answer.json()["errors"]
