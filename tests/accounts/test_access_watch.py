"""Access to a stream is checked repeatedly; an unreachable database does not end the stream."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError, ProgrammingError

from accounts import access_watch

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("error", "goes_on"), [(OperationalError("away"), True), (ProgrammingError("no"), False)]
)
async def test_a_stream_continues_only_while_the_database_is_unreachable(error, goes_on):
    def fail(_user: object) -> bool:
        raise error

    assert await access_watch._may_still(AnonymousUser, fail) is goes_on


def test_access_is_checked_at_least_every_five_seconds():
    assert access_watch.CHECK_SECONDS < 5
