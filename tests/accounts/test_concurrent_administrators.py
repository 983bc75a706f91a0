"""Concurrent requests create one first administrator and never remove the last one."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import connections
from support.concurrent_calls import run_together, wait_for_each_other
from support.factories import PASSWORD, make_user

from accounts import services
from accounts.exceptions import AccountRefusal, LastAdministrator
from accounts.models import User

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_concurrent_second_first_administrator_is_refused(monkeypatch):
    wait_for_each_other(monkeypatch, services, "first_administrator_missing")

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


def test_concurrent_mutual_demotions_leave_one_administrator(monkeypatch):
    ada, eve = (make_user(name, is_admin=True) for name in ("Ada", "Eve"))
    wait_for_each_other(monkeypatch, services, "_keep_an_administrator")

    refusals = run_together(
        lambda: services.change_user(ada, by=eve, is_admin=False),
        lambda: services.change_user(eve, by=ada, is_active=False),
    )

    assert [type(refusal) for refusal in refusals] == [LastAdministrator]
    assert User.objects.filter(is_admin=True, is_active=True).count() == 1


def test_concurrent_set_ups_create_one_administrator(monkeypatch):
    together = Barrier(2)
    add = services._add

    def slowly(user, *, by):
        # Both threads arrive only without the lock; otherwise the barrier breaks after its timeout.
        with suppress(BrokenBarrierError):
            together.wait(0.5)
        add(user, by=by)

    monkeypatch.setattr(services, "_add", slowly)

    def set_up(number: int) -> str:
        try:
            services.create_first_administrator(
                email=f"ada{number}@example.org", name="Ada", password=PASSWORD
            )
        except AccountRefusal as refusal:
            return refusal.code
        finally:
            connections.close_all()
        return "set up"

    with ThreadPoolExecutor(2) as threads:
        ended = sorted(threads.map(set_up, range(2)))

    assert ended == ["set up", "set_up"]
    assert User.objects.filter(is_admin=True).count() == 1
