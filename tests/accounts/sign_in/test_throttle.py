"""Repeated wrong guesses are blocked; the account's owner can still sign in."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier

import pytest
from django.core.cache import cache
from django.test import Client
from support.factories import PASSWORD

from accounts import services
from accounts.exceptions import AccountRefusal, TooManyAttempts, WrongPassword
from accounts.sign_in import setup, throttle

HERE, ELSEWHERE = "203.0.113.1", "203.0.113.2"


@pytest.fixture(autouse=True)
def few_attempts(settings):
    settings.SIGN_IN_ATTEMPTS = 2


def guess(email: str, address: str, times: int = 2, **more: str) -> None:
    for _time in range(times):
        with suppress(AccountRefusal), throttle.attempt(email, address, **more):
            raise WrongPassword


def is_closed(email: str, address: str, **more: str) -> bool:
    try:
        throttle.check(email, address, **more)
    except TooManyAttempts:
        return True
    return False


def test_wrong_guesses_block_only_their_own_address():
    guess("olga@example.org", HERE)

    assert is_closed(" Olga@example.org", HERE)
    assert not is_closed("olga@example.org", ELSEWHERE)
    assert not is_closed("rui@example.org", HERE)


def test_an_address_that_guesses_for_many_users_is_blocked():
    for number in range(throttle.ADDRESS_FACTOR * 2):
        guess(f"person{number}@example.org", HERE, 1)

    assert is_closed("olga@example.org", HERE)


def test_addresses_of_one_ipv6_network_share_a_counter():
    for number in range(2):
        guess("olga@example.org", f"2001:db8:1:2::{number}", 1)

    assert is_closed("olga@example.org", "2001:db8:1:2:ffff::1")
    assert not is_closed("olga@example.org", "2001:db8:1:3::1")


def test_attempts_refused_without_a_hash_are_not_counted():
    for number in range(throttle.ADDRESS_FACTOR * 2):
        guess(f"person{number}@example.org", HERE, 1)

    guess("olga@example.org", HERE, 3)

    assert is_closed("olga@example.org", HERE)
    cache.delete(throttle._key("address", HERE))  # Simulates the end of the window.
    assert not is_closed("olga@example.org", HERE)


def test_a_refused_guess_waits_for_no_hash(monkeypatch):
    monkeypatch.setattr(
        services, "hashing_slot", lambda _address: pytest.fail("a slot was asked for")
    )
    guess("olga@example.org", HERE)

    with pytest.raises(TooManyAttempts):
        services.sign_in(email="olga@example.org", password=PASSWORD, address=HERE)


def test_guesses_from_many_addresses_are_blocked_except_on_a_known_device():
    for number in range(throttle.EMAIL_FACTOR * 2):
        guess("olga@example.org", f"198.51.100.{number}", 1)

    assert is_closed("olga@example.org", HERE)
    assert not is_closed("olga@example.org", HERE, device="of Olga")


def test_a_known_device_with_too_many_failures_counts_as_unknown():
    guess("olga@example.org", HERE, 2, device="of Olga")
    guess("olga@example.org", HERE, 2, device="of Olga")

    assert is_closed("olga@example.org", HERE, device="of Olga")


def test_concurrent_guesses_cannot_exceed_the_limit():
    judged, together = [], Barrier(40)

    def guess_at_once(_number: int) -> None:
        together.wait()
        with suppress(AccountRefusal), throttle.attempt("olga@example.org", HERE):
            judged.append(1)
            raise WrongPassword

    with ThreadPoolExecutor(40) as threads:
        list(threads.map(guess_at_once, range(40)))

    assert len(judged) == 2
    assert is_closed("olga@example.org", HERE)


def test_a_correct_attempt_resets_the_counter():
    guess("olga@example.org", HERE, 1)
    for _time in range(3):
        with throttle.attempt("olga@example.org", HERE):
            pass
    guess("olga@example.org", HERE, 1)

    assert not is_closed("olga@example.org", HERE)


def test_correct_attempts_never_block_a_shared_address():
    for number in range(throttle.ADDRESS_FACTOR * 2 + 1):
        with throttle.attempt(f"person{number}@example.org", HERE):
            pass

    assert not is_closed("olga@example.org", HERE)


def test_an_attempt_that_ends_in_an_error_is_not_counted():
    for _time in range(3):
        with suppress(RuntimeError), throttle.attempt("olga@example.org", HERE):
            raise RuntimeError

    assert not is_closed("olga@example.org", HERE)


def test_a_counter_that_expires_during_an_increment_restarts(monkeypatch):
    def ended(key):
        cache.delete(key)
        raise ValueError(key)

    monkeypatch.setattr(throttle.cache, "incr", ended)

    guess("olga@example.org", HERE, 1)
    monkeypatch.undo()

    guess("olga@example.org", HERE, 1)
    assert is_closed("olga@example.org", HERE)


@pytest.mark.django_db
def test_a_known_device_signs_in_during_foreign_guesses(owner, admin, client):
    good, wrong = (
        {"email": owner.email, "password": PASSWORD},
        {"email": owner.email, "password": "wrong"},
    )
    client.post("/login/", good)
    client.post("/logout/")
    for _time in range(3):
        refused = Client().post("/login/", wrong)

    assert refused.status_code == 429
    assert Client().post("/login/", good).status_code == 429
    assert client.post("/login/", good).status_code == 302


@pytest.mark.django_db
def test_the_cookie_of_a_device_counts_for_its_owner_alone(owner, admin, client):
    client.post("/login/", {"email": owner.email, "password": PASSWORD})
    client.post("/logout/")

    for _time in range(3):
        refused = client.post("/login/", {"email": admin.email, "password": "wrong"})

    assert refused.status_code == 429
    assert client.post("/login/", {"email": admin.email, "password": PASSWORD}).status_code == 429


@pytest.mark.django_db
def test_guesses_at_the_set_up_code_do_not_lock_out_other_addresses():
    for _time in range(throttle.ADDRESS_FACTOR * 2):
        with pytest.raises(AccountRefusal, match="Wrong setup code"):
            services.accept_setup_code("guess", address=HERE)

    with pytest.raises(TooManyAttempts):
        services.accept_setup_code(setup.setup_code(), address=HERE)
    services.accept_setup_code(setup.setup_code(), address=ELSEWHERE)
    assert not is_closed("", ELSEWHERE)


@pytest.mark.django_db
def test_foreign_guesses_do_not_block_a_change_of_password(browse, owner):
    client = browse(owner)
    guess(owner.email, "127.0.0.1")

    answer = client.post(
        "/account/password/", {"old_password": PASSWORD, "password": "another long phrase"}
    )

    assert answer.status_code == 302


@pytest.mark.django_db
def test_repeated_guesses_of_the_current_password_are_refused(browse, owner):
    client = browse(owner)
    for _time in range(2):
        wrong = client.post(
            "/account/password/", {"old_password": "wrong", "password": "another long phrase"}
        )

    refused = client.post(
        "/account/password/", {"old_password": PASSWORD, "password": "another long phrase"}
    )

    assert wrong.context["password_form"].has_error("old_password")
    assert refused["Retry-After"] == "900"
    assert b"Too many attempts" in refused.content
    owner.refresh_from_db()
    assert owner.check_password(PASSWORD)
