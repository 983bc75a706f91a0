"""Two requests at the same moment leave a server with one first administrator, and never without any."""

import pytest
from support.concurrent_calls import run_together, wait_for_each_other
from support.factories import PASSWORD, make_user

from accounts import services
from accounts.exceptions import LastAdministrator
from accounts.models import User

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_first_administrators_at_once_one_is_refused(monkeypatch):
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
