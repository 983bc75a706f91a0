"""Uploads under an existing name: the dialog, the new version, and older answers."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from support.running_server import Server

pytestmark = pytest.mark.browser
OLD, NEW = (
    "Dogs must be kept on a lead in the reading room.",
    "Dogs may run free in the reading room since March.",
)


@pytest.fixture
def documents(page: Page, server: Server, cookies: object) -> Page:
    """The document list of a workspace with two ready documents."""
    token = server.token()
    slug = server.call("/api/v1/workspaces/", {"name": "House rules"}, token)["slug"]
    server.upload(
        slug, [("dogs.md", OLD.encode()), ("cats.md", b"Cats sleep on the shelves.")], token
    )
    server.wait_until_indexed(slug, token)
    page.context.add_cookies(cookies)
    page.goto(f"/w/{slug}/documents/")
    return page


def drop(page: Page, folder: Path, **contents: str) -> None:
    paths = [folder / f"{name}.md" for name in contents]
    for path in paths:
        path.write_text(contents[path.stem])
    page.locator("input[type=file]").set_input_files([str(path) for path in paths])


def question(page: Page) -> Locator:
    return page.get_by_role("dialog", name="A document with this name already exists")


def ask(page: Page, text: str) -> None:
    box = page.get_by_role("textbox", name=re.compile("question", re.IGNORECASE)).first
    box.fill(text)
    box.press("Enter")
    expect(page.locator(".answer").last).to_have_attribute("data-status", "done", timeout=60_000)


def test_a_confirmed_new_version_keeps_old_answers_linked_to_the_old_one(
    documents: Page, tmp_path: Path
):
    page = documents
    listed = page.url
    page.goto(listed.replace("documents/", ""))
    ask(page, "Must dogs be on a lead?")
    answered = page.url
    page.goto(listed)

    drop(page, tmp_path, dogs=NEW, cats="Cats sleep on the shelves.", birds="Birds stay outside.")
    expect(question(page).get_by_role("listitem")).to_have_count(1)
    question(page).get_by_role("button", name="Continue").click()
    expect(page.locator("tr", has_text="birds.md")).to_contain_text("Ready", timeout=60_000)
    expect(page.locator("#uploads")).to_contain_text("Already exists")
    page.get_by_role("link", name="dogs.md", exact=True).click()
    expect(page.locator(".chunk")).to_contain_text(NEW, timeout=60_000)
    expect(page.locator("#version-2")).to_contain_text("Current")

    page.goto(answered)
    page.locator(".source-row", has_text="dogs.md").first.click()
    panel = page.locator("#source-panel")
    expect(panel).to_contain_text("There is a newer version of this document.")
    panel.get_by_role("link", name="Show in document").click()
    expect(page.locator(".chunk")).to_contain_text(OLD)
    page.get_by_role("button", name="Make current").click()
    expect(page.locator("#version-3")).to_contain_text("Current", timeout=60_000)
    expect(page.locator(".chunk")).to_contain_text(OLD)


def test_a_duplicate_name_is_kept_twice_or_skipped_by_choice(documents: Page, tmp_path: Path):
    drop(documents, tmp_path, dogs=NEW, cats="Cats sleep where they like.")
    question(documents).get_by_label("Action for dogs.md").select_option("Keep both")
    question(documents).get_by_label("Action for cats.md").select_option("Skip")
    question(documents).get_by_role("button", name="Continue").click()

    expect(documents.get_by_role("link", name="dogs.md", exact=True)).to_have_count(2)
    expect(documents.get_by_text("3 documents", exact=True)).to_be_visible(timeout=60_000)

    drop(documents, tmp_path, cats="Cats are not to be woken.")
    question(documents).get_by_role("button", name="Cancel").click()

    expect(question(documents)).to_be_hidden()
    expect(documents.locator("#uploads .upload-row")).to_have_count(0)
