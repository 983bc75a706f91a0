"""Pages of set-up, sign-in and the user's own account."""

import re

import pytest
from django.utils import timezone
from support.factories import PASSWORD, make_user

from accounts import services
from accounts.models import ApiToken, User
from accounts.sign_in.setup import setup_code

pytestmark = pytest.mark.django_db
NEW = {"email": "ada@example.org", "name": "Ada", "password": PASSWORD}


def test_a_new_server_redirects_to_set_up(browse):
    answer = browse().get("/", follow=True)

    assert [url for url, _status in answer.redirect_chain] == ["/login/?next=/", "/setup/"]


def test_a_visitor_from_loopback_creates_the_first_administrator(browse):
    answer = browse().post("/setup/", NEW, HTTP_HOST="localhost:8000")

    assert answer.status_code == 302
    assert User.objects.get().is_admin


def test_a_visitor_from_another_machine_needs_the_set_up_code(browse, settings):
    settings.ALLOWED_HOSTS = ["*"]
    away = {"REMOTE_ADDR": "192.0.2.7", "HTTP_HOST": "room.example.org"}

    without = browse().post("/setup/", NEW, **away)
    wrong = browse().post("/setup/", {**NEW, "code": "0000-0000-0000"}, **away)
    right = browse().post("/setup/", {**NEW, "code": setup_code().upper()}, **away)

    assert (without.status_code, wrong.status_code, right.status_code) == (400, 403, 302)
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_HOST": "evil.example"},
        {"HTTP_HOST": "localhost", "HTTP_X_FORWARDED_FOR": "192.0.2.7"},
    ],
)
def test_a_foreign_host_name_or_a_proxy_requires_the_set_up_code(browse, settings, headers):
    settings.ALLOWED_HOSTS = ["*"]

    assert browse().post("/setup/", NEW, **headers).status_code == 400
    assert not User.objects.exists()


def test_set_up_is_closed_after_the_first_administrator(browse, admin):
    answer = browse().post("/setup/", {**NEW, "email": "eve@example.org"}, HTTP_HOST="localhost")

    assert answer["Location"] == "/login/"
    assert User.objects.count() == 1


def test_a_sign_in_redirects_to_the_requested_page(browse, reader, admin):
    answer = browse().post(
        "/login/", {"email": reader.email, "password": PASSWORD, "next": "/account/"}
    )

    assert answer["Location"] == "/account/"


def test_a_redirect_to_a_foreign_site_is_ignored(browse, reader, admin):
    form = {"email": reader.email, "password": PASSWORD, "next": "https://evil.example/"}

    assert browse().post("/login/", form)["Location"] == "/"


def test_a_wrong_password_is_reported_and_the_address_kept(browse, admin):
    answer = browse().post("/login/", {"email": admin.email, "password": "wrong"})

    assert answer.status_code == 401
    assert "Wrong e-mail or password." in answer.text
    assert admin.email in answer.text


def test_the_password_field_has_the_focus_after_a_wrong_password(browse, admin):
    answer = browse().post("/login/", {"email": admin.email, "password": "wrong"})

    focused = [tag for tag in re.findall(r"<input[^>]*>", answer.text) if "autofocus" in tag]
    assert ["id_password" in tag for tag in focused] == [True]


def test_a_disabled_user_cannot_sign_in(browse, admin):
    make_user("Gone", is_active=False)

    assert (
        browse().post("/login/", {"email": "gone@example.org", "password": PASSWORD}).status_code
        == 401
    )


def test_an_htmx_request_of_an_expired_session_gets_a_redirect_header(browse, admin):
    answer = browse().get("/account/", headers={"HX-Request": "true"})

    assert answer.status_code == 204
    assert answer["HX-Redirect"].startswith("/login/")


def test_users_choose_language_and_theme(browse, reader):
    answer = browse(reader).post(
        "/account/", {"name": "Rui", "language": "zh-hans", "theme": "dark"}, follow=True
    )

    assert answer["Content-Language"] == "zh-hans"
    assert 'data-theme="dark"' in answer.text or "dark" in answer.text.split("<body")[0]


def test_a_token_is_shown_once(browse, reader):
    client = browse(reader)

    shown = client.post("/account/tokens/", {"name": "Script", "expires_in_days": 30})

    assert "rr_" in shown.text
    assert "rr_" not in client.get("/account/").text


def test_only_an_expired_token_is_shown_as_expired(browse, reader, call):
    call(reader)
    assert "Expired" not in browse(reader).get("/account/").text

    ApiToken.objects.update(expires=timezone.now())

    assert "Expired" in browse(reader).get("/account/").text


def test_users_revoke_their_own_tokens(browse, reader, call):
    call(reader)
    token = ApiToken.objects.get()

    browse(reader).post(f"/account/tokens/{token.pk}/revoke/")

    assert not ApiToken.objects.exists()


def test_a_new_password_requires_the_current_one(browse, reader):
    client = browse(reader)

    refused = client.post(
        "/account/password/", {"old_password": "wrong", "password": "another long phrase"}
    )
    changed = client.post(
        "/account/password/", {"old_password": PASSWORD, "password": "another long phrase"}
    )

    assert (refused.status_code, changed.status_code) == (400, 302)
    assert client.get("/account/").status_code == 200
    assert User.objects.get().check_password("another long phrase")


def test_a_new_password_ends_all_other_sessions(browse, reader):
    other, client = browse(reader), browse(reader)

    client.post("/account/password/", {"old_password": PASSWORD, "password": "another long phrase"})

    assert other.get("/account/").status_code == 302


def test_administrators_create_and_disable_users(browse, admin, reader):
    client = browse(admin)
    theirs = browse(reader)

    added = client.post(
        "/users/", {"email": "new@example.org", "name": "New", "password": PASSWORD}
    )
    disabled = client.post(
        f"/users/{reader.pk}/", {"email": reader.email, "name": "Rui", "password": ""}
    )

    assert (added.status_code, disabled.status_code) == (302, 302)
    assert not User.objects.get(pk=reader.pk).is_active
    assert theirs.get("/account/").status_code == 302


def test_the_last_administrator_cannot_disable_themselves(browse, admin):
    answer = browse(admin).post(
        f"/users/{admin.pk}/", {"email": admin.email, "name": "Ada", "is_admin": "on"}
    )

    assert answer.status_code == 400
    assert "only administrator" in answer.text


def test_the_content_security_policy_allows_only_this_server(browse, admin):
    policy = browse().get("/login/")["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_an_unknown_session_key_is_anonymous(client, db, settings):
    client.cookies[settings.SESSION_COOKIE_NAME] = "abcdefgh\x00ijklmnop"

    assert client.get("/account/").status_code == 302


def test_a_concurrent_second_set_up_is_redirected_to_sign_in(browse, admin, monkeypatch):
    visitor = browse()
    # The first administrator is created between the request for the page and its submission.
    seen = iter([True])
    monkeypatch.setattr(services, "first_administrator_missing", lambda: next(seen, False))

    answer = visitor.post("/setup/", {**NEW, "email": "eve@example.org"}, HTTP_HOST="localhost")

    assert (answer.status_code, answer["Location"]) == (302, "/login/")
    assert User.objects.count() == 1


def test_repeated_guesses_of_the_current_password_answer_429(browse, reader, settings):
    settings.SIGN_IN_ATTEMPTS = 2
    client = browse(reader)
    for _attempt in range(2):
        client.post(
            "/account/password/", {"old_password": "wrong", "password": "another long phrase"}
        )

    answer = client.post(
        "/account/password/", {"old_password": PASSWORD, "password": "another long phrase"}
    )

    assert answer.status_code == 400
    assert User.objects.get().check_password(PASSWORD)
