"""Two requests at the same moment leave a server with one first administrator, and never without any."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import connection
from factories import PASSWORD, make_user

from accounts import services
from accounts.exceptions import AccountRefusal, LastAdministrator
from accounts.models import User

pytestmark = pytest.mark.django_db(transaction=True)


def run_together(*calls: Callable[[], object]) -> list[AccountRefusal]:
    """Run each call in a thread with its own connection; return the refusals."""

    def run(call: Callable[[], object]) -> AccountRefusal | None:
        try:
            call()
        except AccountRefusal as refusal:
            return refusal
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(calls)) as threads:
        return [refusal for refusal in threads.map(run, calls) if refusal]


def wait_for_each_other(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Have two calls of a service meet after its check, unless a lock keeps the second one from it."""
    checked, together = getattr(services, name), Barrier(2)

    def check(*given: object) -> object:
        result = checked(*given)
        with suppress(BrokenBarrierError):
            together.wait(0.5)
        return result

    monkeypatch.setattr(services, name, check)


def test_of_two_first_administrators_at_once_one_is_refused(monkeypatch):
    wait_for_each_other(monkeypatch, "first_administrator_missing")

    refusals = run_together(
        *(
            lambda name=name: services.create_first_administrator(
                email=f"{name}@example.org", name=name, password=PASSWORD
            )
            for name in ("Ada", "Eve")
        )
    )

    assert [refusal.code for refusal in refusals] == ["set_up"]
    assert User.objects.count() == 1


def test_of_two_administrators_who_demote_each_other_at_once_one_stays(monkeypatch):
    ada, eve = (make_user(name, is_admin=True) for name in ("Ada", "Eve"))
    wait_for_each_other(monkeypatch, "_keep_an_administrator")

    refusals = run_together(
        lambda: services.change_user(ada, by=eve, is_admin=False),
        lambda: services.change_user(eve, by=ada, is_active=False),
    )

    assert [type(refusal) for refusal in refusals] == [LastAdministrator]
    assert User.objects.filter(is_admin=True, is_active=True).count() == 1
