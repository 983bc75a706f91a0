"""Of people who set up one server at the same moment, one becomes administrator."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import connections
from support.factories import PASSWORD

from accounts import services
from accounts.exceptions import AccountRefusal
from accounts.models import User


@pytest.mark.django_db(transaction=True)
def test_concurrent_set_ups_create_one_administrator(monkeypatch):
    together = Barrier(2)
    add = services._add

    def slowly(user, *, by):
        with suppress(
            BrokenBarrierError
        ):  # Both are here at once only if no lock keeps one of them out.
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
