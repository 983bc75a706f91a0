"""Password hashing is limited in concurrency and holds no database connection."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Lock

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, check_password, make_password
from django.db import connection, connections
from django.test import Client
from rest_framework.test import APIClient
from support.factories import PASSWORD, make_user

from accounts import services
from accounts.exceptions import TooManySignIns
from accounts.models import User
from accounts.sign_in import password_hashing
from web.admission import Admission

NEW_PASSWORD = "another quiet phrase"
HASHER = "accounts.sign_in.password_hashing.BoundedPBKDF2Hasher"


@pytest.fixture(autouse=True)
def quick_hasher(settings, monkeypatch):
    settings.PASSWORD_HASHERS = [HASHER]
    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 1)


@pytest.fixture
def pooled(monkeypatch) -> Iterator[None]:
    """Take connections from a pool, as in a web process."""
    connection.close()
    monkeypatch.setitem(
        connection.settings_dict["OPTIONS"], "pool", {"min_size": 1, "max_size": 2, "timeout": 5}
    )
    yield
    connection.close()
    connection.close_pool()


@pytest.fixture
def hashes(monkeypatch, pooled) -> list[bool]:
    """For each hash, whether its thread holds a connection or a transaction."""
    found: list[bool] = []
    encode = PBKDF2PasswordHasher.encode

    def observed(self, password, salt, iterations=None):
        found.append(connection.connection is not None or connection.in_atomic_block)
        return encode(self, password, salt, iterations)

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", observed)
    return found


def _sign_in(password: str) -> None:
    Client().post("/login/", {"email": "olga@example.org", "password": password})


def _ask_for_token(password: str) -> None:
    APIClient().post("/api/v1/tokens/", {"email": "olga@example.org", "password": password})


def _change_password() -> None:
    client = Client()
    client.force_login(User.objects.get(email="olga@example.org"))
    client.post("/account/password/", {"old_password": PASSWORD, "password": NEW_PASSWORD})


def _set_up() -> None:
    User.objects.filter(is_admin=True).delete()
    new = {"email": "eve@example.org", "name": "Eve", "password": NEW_PASSWORD}
    assert Client().post("/setup/", new, HTTP_HOST="localhost").status_code == 302


def _as_administrator(path: str, method: str, body: dict[str, str]) -> None:
    client = APIClient()
    client.force_authenticate(User.objects.get(is_admin=True))
    assert getattr(client, method)(path, body).status_code in {200, 201}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "way",
    [
        lambda: _sign_in(PASSWORD),
        lambda: _sign_in("wrong"),
        lambda: _ask_for_token(PASSWORD),
        lambda: _ask_for_token("wrong"),
        _change_password,
        _set_up,
        lambda: _as_administrator(
            "/api/v1/users/",
            "post",
            {"email": "n@example.org", "name": "N", "password": NEW_PASSWORD},
        ),
        lambda: _as_administrator(
            f"/api/v1/users/{User.objects.get(email='olga@example.org').pk}/",
            "patch",
            {"password": NEW_PASSWORD},
        ),
        lambda: services.reset_administrator(
            User.objects.get(email="olga@example.org"), password=NEW_PASSWORD
        ),
    ],
    ids=[
        "sign-in",
        "wrong",
        "token",
        "wrong token",
        "change",
        "set-up",
        "new person",
        "by administrator",
        "reset",
    ],
)
def test_no_connection_is_held_while_a_password_is_hashed(way, hashes):
    make_user("Olga")
    make_user("Ada", is_admin=True)
    hashes.clear()

    way()

    assert hashes
    assert not any(hashes)


def test_concurrent_hashes_are_limited(monkeypatch):
    monkeypatch.setattr(password_hashing, "admission", Admission(2, 100))
    lock, at_work, most = Lock(), 0, 0
    encode = PBKDF2PasswordHasher.encode

    def observed(self, password, salt, iterations=None):
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        Event().wait(0.005)
        with lock:
            at_work -= 1
        return encode(self, password, salt, iterations)

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", observed)
    with ThreadPoolExecutor(30) as threads:
        hashed = list(threads.map(lambda number: make_password(f"password {number}"), range(30)))

    assert most == 2
    assert all(check_password(f"password {number}", one) for number, one in enumerate(hashed))


def test_the_hasher_of_django_verifies_the_hashes(settings):
    hashed = make_password(PASSWORD)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]

    assert check_password(PASSWORD, hashed)


@pytest.mark.django_db(transaction=True)
def test_concurrent_guesses_stay_within_the_limit_of_attempts(hashes, settings):
    make_user("Olga")
    hashes.clear()
    settings.SIGN_IN_ATTEMPTS = 3
    statuses, together = [], Barrier(20)

    def guess(_number: int) -> None:
        together.wait()
        body = {"email": "olga@example.org", "password": "wrong"}
        statuses.append(APIClient().post("/api/v1/tokens/", body).status_code)
        connections.close_all()

    with ThreadPoolExecutor(20) as threads:
        list(threads.map(guess, range(20)))

    assert sorted(statuses) == [401] * 3 + [429] * 17
    assert len(hashes) == 3


@pytest.mark.django_db(transaction=True)
def test_concurrent_correct_sign_ins_of_one_user_all_succeed(settings):
    make_user("Olga")
    settings.SIGN_IN_ATTEMPTS = password_hashing.admission.slots + 1
    statuses, together = [], Barrier(20)

    def sign_in(_number: int) -> None:
        together.wait()
        body = {"email": "olga@example.org", "password": PASSWORD}
        statuses.append(APIClient().post("/api/v1/tokens/", body).status_code)
        connections.close_all()

    with ThreadPoolExecutor(20) as threads:
        list(threads.map(sign_in, range(20)))

    assert statuses == [201] * 20


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/login/", "/api/v1/tokens/", "/setup/", "/account/password/"])
def test_a_full_queue_of_sign_ins_is_reported_with_retry_after(path, monkeypatch, owner, browse):
    client = browse(owner) if path == "/account/password/" else Client()
    if path == "/login/":
        make_user("Ada", is_admin=True)
    full = Admission(0, 0, TooManySignIns)
    monkeypatch.setattr(password_hashing, "admission", full)
    email = "new@example.org" if path == "/setup/" else owner.email
    body = {"email": email, "password": PASSWORD}
    more = {"/setup/": {"name": "Olga"}, "/account/password/": {"old_password": PASSWORD}}

    answer = client.post(path, body | more.get(path, {}), HTTP_HOST="localhost")

    assert answer.status_code == (400 if path == "/account/password/" else 503)
    assert answer["Retry-After"] == "5"
    assert "Too many people are signing in." in answer.content.decode()
