"""A stream goes on while the database is away, and ends when the right to read cannot be looked up."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError, ProgrammingError

from accounts import access_watch

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("error", "goes_on"), [(OperationalError("away"), True), (ProgrammingError("no"), False)]
)
async def test_only_a_database_that_is_away_leaves_the_right_to_read(error, goes_on):
    def fail(_user: object) -> bool:
        raise error

    assert await access_watch._may_still(AnonymousUser, fail) is goes_on


def test_the_right_to_read_is_looked_up_more_often_than_every_five_seconds():
    assert access_watch.CHECK_SECONDS < 5
