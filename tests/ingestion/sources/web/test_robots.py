"""The rules of robots.txt, as a fetch obeys them."""

import pytest
from support.fetched_pages import refusal, taken

from ingestion.sources.web.fetch import fetch

pytestmark = pytest.mark.usefixtures("no_file_left_behind")


def test_a_page_disallowed_by_robots_is_not_fetched(site):
    site.has_article()
    site.has_article("/open")
    site.says("/robots.txt", "User-agent: other\nDisallow:\n\nUser-agent: *\nDisallow: /wings\n")

    assert refusal(site.url()) == "fetch_robots"
    assert taken(fetch(site.url("/open")))
    assert site.paths.count("/wings") == 0


def test_rules_for_our_user_agent_apply(site):
    site.has_article()
    site.says("/robots.txt", "User-agent: Reading-Room\nDisallow: /\n\nUser-agent: *\nDisallow:\n")

    assert refusal(site.url()) == "fetch_robots"


def test_robots_apply_to_the_target_of_a_redirect(site):
    site.says("/old", status=302, Location="/wings")
    site.has_article()
    site.says("/robots.txt", "User-agent: *\nDisallow: /wings\n")

    assert refusal(site.url("/old")) == "fetch_robots"


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_site_without_robots_allows_every_page(site, status):
    site.has_article()
    site.says("/robots.txt", "Disallow: /", status)

    assert taken(fetch(site.url()))


def test_a_site_with_failing_robots_is_postponed(site):
    site.has_article()
    site.says("/robots.txt", status=503)

    assert refusal(site.url()) == "fetch_busy"


def test_only_the_beginning_of_endless_robots_is_read(site, monkeypatch):
    monkeypatch.setattr("ingestion.sources.web.robots.MAX_ROBOTS_BYTES", 100)
    site.has_article()
    site.says("/robots.txt", "# nothing\n" * 10 + "User-agent: *\nDisallow: /\n" * 10_000)

    assert taken(fetch(site.url()))
