"""Log records of requests for foreign host names are limited."""

import logging

import pytest
from django.test import Client

from web.foreign_hosts import RateLimitFilter


@pytest.fixture
def rate_limit(monkeypatch):
    """The filter of the settings without earlier records."""
    logger = logging.getLogger("django.security.DisallowedHost")
    assert any(isinstance(one, RateLimitFilter) for one in logger.filters)
    found = RateLimitFilter()
    monkeypatch.setattr(logger, "filters", [found])
    return found


@pytest.mark.parametrize("path", ["/", "/api/v1/me/", "/w/somewhere/"])
def test_many_foreign_hosts_are_logged_in_one_line_without_traceback(rate_limit, caplog, db, path):
    with caplog.at_level(logging.WARNING):
        answers = [Client(HTTP_HOST=f"evil{n}.example").get(path) for n in range(20)]

    assert [answer.status_code for answer in answers] == [400] * 20
    (record,) = caplog.records
    assert "evil0.example" in record.getMessage()
    assert record.exc_info is None


def test_a_line_is_short_and_stays_one_line(rate_limit, caplog, db):
    with caplog.at_level(logging.WARNING):
        Client(HTTP_HOST="evil\x85" + "x" * 5000).get("/")

    (record,) = caplog.records
    assert len(record.getMessage()) < 400
    assert record.getMessage().isprintable()


def test_the_next_line_contains_the_number_of_suppressed_records(rate_limit, caplog, db):
    with caplog.at_level(logging.WARNING):
        for _time in range(4):
            Client(HTTP_HOST="evil.example").get("/")
        rate_limit._next_at = 0.0
        Client(HTTP_HOST="evil.example").get("/")

    assert caplog.records[-1].getMessage().endswith("(3 more since the last line)")
