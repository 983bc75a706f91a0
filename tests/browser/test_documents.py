"""The list of documents: selection of a range, failures grouped by reason, deletion."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from support.running_server import Server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def place(server: Server) -> str:
    """The path of a workspace with six documents, two of which failed."""
    token = server.token()
    slug = server.call("/api/v1/workspaces/", {"name": "House rules"}, token)["slug"]
    readable = [(f"rule {number}.md", f"Rule number {number}.".encode()) for number in range(1, 5)]
    broken = [(f"broken {number}.pdf", f"%PDF-1.4\nnothing {number}".encode()) for number in (1, 2)]
    server.upload(slug, readable + broken, token)
    server.wait_until_indexed(slug, token)
    return f"/w/{slug}/documents/"


@pytest.fixture
def listed(page: Page, place: str, cookies: object) -> Page:
    page.context.add_cookies(cookies)
    page.goto(f"{place}?sort=name")
    return page


def test_failures_and_a_selection_have_no_accessibility_violations(
    browser: Browser, server: Server, place: str, cookies: object
):
    with browser.new_context(
        base_url=server.url, bypass_csp=True, reduced_motion="reduce"
    ) as context:
        context.add_cookies(cookies)
        page = context.new_page()
        page.goto(place)
        page.get_by_label("Select all documents on this page").check()

        found = Axe().run(page).response["violations"]

    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []


def test_documents_with_the_same_failure_are_retried_together(listed: Page):
    troubles = listed.get_by_role("region", name="2 documents could not be processed")
    expect(troubles.get_by_role("listitem")).to_have_count(1)

    troubles.get_by_role("button", name="Try again").click()

    expect(listed.locator("#toasts")).to_contain_text("2 documents are being processed again.")
    expect(listed.locator("tr", has_text="broken 1.pdf")).to_contain_text("Failed", timeout=60_000)


def test_a_selected_range_is_deleted_after_one_confirmation(listed: Page):
    listed.get_by_label("Select rule 1.md").click()
    listed.get_by_label("Select rule 3.md").click(modifiers=["Shift"])
    expect(listed.locator("#bulk-count")).to_have_text("3 documents selected")

    listed.locator("#bulk-delete").click()
    question = listed.get_by_role("dialog", name="Delete 3 documents?")
    question.get_by_role("button", name="Delete").click()

    expect(listed.locator("#toasts")).to_contain_text("3 documents were deleted.")
    expect(listed.locator("tbody tr")).to_have_count(3)
    expect(listed.locator("#bulk-bar")).to_be_hidden()
