"""Processes share counters in Redis, and fall back to their own memory."""

import pytest
from django.core.cache import caches
from support.redis_server import running_redis

from accounts.exceptions import TooManyAttempts, WrongPassword
from accounts.sign_in import throttle
from web.shared_cache import SharedCache


@pytest.fixture
def redis():
    with running_redis(password="p,w;x") as server:
        yield server


@pytest.fixture
def process(redis):
    """Return the cache of another process."""
    return lambda: SharedCache([redis.url], {"KEY_PREFIX": "reading-room"})


def test_processes_share_a_counter(process):
    one, other = process(), process()

    one.add("failures", 0, 60)
    other.add("failures", 0, 60)
    one.incr("failures")
    other.incr("failures")

    assert one.get("failures") == other.get("failures") == 2
    other.delete("failures")
    assert one.get("failures", 0) == 0


def test_each_process_counts_in_its_memory_while_redis_is_unreachable(process, redis, caplog):
    caches["process_memory"].clear()
    one = process()
    one.set("failures", 5, 60)
    redis.kill()

    one.add("failures", 0, 60)
    one.incr("failures")

    assert one.get("failures") == 1
    assert "Redis is away" in caplog.text
    assert "p,w;x" not in caplog.text


def test_password_guessing_is_throttled_with_and_without_redis(
    process, redis, monkeypatch, settings
):
    caches["process_memory"].clear()
    settings.SIGN_IN_ATTEMPTS = 3
    for away in (False, True):
        if away:
            redis.kill()
        for _attempt in range(3):
            monkeypatch.setattr(throttle, "cache", process())
            with pytest.raises(WrongPassword), throttle.attempt("ada@example.org", "192.0.2.7"):
                raise WrongPassword
        monkeypatch.setattr(throttle, "cache", process())
        with pytest.raises(TooManyAttempts), throttle.attempt("ada@example.org", "192.0.2.7"):
            pytest.fail("one attempt too many was judged")
