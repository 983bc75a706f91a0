"""Uploads: a large file over a failing network and across a reload, and folders."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from support.running_server import Server

pytestmark = pytest.mark.browser
PARAGRAPH = "Wings turn air downwards and are pushed up by it. "


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """A window without checks of the console, since these tests let requests fail."""
    with browser.new_context(base_url=server.url, locale="en-GB") as context:
        yield context.new_page()


@pytest.fixture
def slug(page: Page, server: Server, cookies: object) -> str:
    """A workspace without documents, whose page is open and sends files over 64 KB in parts."""
    slug: str = server.call("/api/v1/workspaces/", {"name": "Wings"}, server.token())["slug"]
    page.context.add_cookies(cookies)
    page.goto(f"/w/{slug}/documents/")
    in_small_parts(page)
    return slug


def in_small_parts(page: Page) -> None:
    page.evaluate(
        "Object.assign(document.getElementById('upload').dataset, {inPartsFrom: '65536', partBytes: '65536'})"
    )


def names(server: Server, slug: str) -> set[str]:
    return {row["name"] for row in server.documents(slug, server.token())}


def test_an_interrupted_upload_resumes(page: Page, server: Server, slug: str, tmp_path: Path):
    book = tmp_path / "book.txt"
    book.write_text(PARAGRAPH * 6000)
    begins: list[str] = []

    def fourth_part_is_lost(route: Route) -> None:
        if len(begins) >= 3:
            route.abort()
            return
        begins.append(route.request.headers["upload-offset"])
        route.continue_()

    page.route(re.compile("/uploads/.+/$"), fourth_part_is_lost)
    page.locator("input[type=file]").set_input_files(str(book))
    expect(page.locator(".upload-row")).to_contain_text("Waiting for the server")

    page.unroute_all()
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    in_small_parts(page)
    resumed: list[str] = []
    page.on(
        "request",
        lambda sent: (
            resumed.append(sent.headers["upload-offset"]) if sent.method == "PATCH" else None
        ),
    )
    page.locator("input[type=file]").set_input_files(str(book))

    expect(page.locator("tr", has_text="book.txt")).to_contain_text("Ready", timeout=120_000)
    assert begins == ["0", "65536", "131072"]
    assert resumed[0] == "196608"
    (row,) = server.documents(slug, server.token())
    assert row["size"] == len(PARAGRAPH) * 6000


def test_a_running_upload_can_be_cancelled(page: Page, server: Server, slug: str, tmp_path: Path):
    book = tmp_path / "book.txt"
    book.write_text(PARAGRAPH * 6000)
    page.route(
        re.compile("/uploads/.+/$"),
        lambda route: route.abort() if route.request.method == "PATCH" else route.continue_(),
    )
    page.locator("input[type=file]").set_input_files(str(book))
    expect(page.locator(".upload-row")).to_contain_text("Waiting for the server")

    with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        page.locator(".upload-row").get_by_role("button", name="Cancel").click()

    expect(page.locator(".upload-row")).to_have_count(0)
    assert server.call(f"/api/v1/workspaces/{slug}/uploads/", token=server.token())["results"] == []
    assert names(server, slug) == set()


def test_an_uploaded_folder_keeps_its_paths_in_the_names(
    page: Page, server: Server, slug: str, tmp_path: Path
):
    for path in ("wings/a/readme.md", "wings/b/readme.md", "wings/.git/config", "wings/top.md"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(f"What is in {path}: {PARAGRAPH}")

    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose folder").click()
    chooser.value.set_files(str(tmp_path / "wings"))

    expect(page.locator("#document-table tbody tr")).to_have_count(3, timeout=60_000)
    server.wait_until_indexed(slug, server.token())
    assert names(server, slug) == {"wings/a/readme.md", "wings/b/readme.md", "wings/top.md"}


def test_a_document_added_during_a_list_refresh_appears(
    page: Page, server: Server, slug: str, tmp_path: Path
):
    for name in ("first.txt", "second.txt"):
        (tmp_path / name).write_text(f"This is {name}. {PARAGRAPH}")
    choose = page.locator("input[type=file]").first
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if route.request.method == "GET" and not held:
            held.append(route)
        else:
            route.continue_()

    page.route(re.compile(f"/w/{slug}/documents/$"), hold_the_first)
    choose.set_input_files(str(tmp_path / "first.txt"))
    while not held:
        page.wait_for_timeout(20)
    server.wait_until_indexed(slug, server.token())
    knows_of_one = held[0].fetch()

    with page.expect_response(lambda answer: answer.request.method == "POST"):
        choose.set_input_files(str(tmp_path / "second.txt"))
    server.wait_until_indexed(slug, server.token())
    held[0].fulfill(response=knows_of_one)

    expect(page.locator("#document-table tbody tr")).to_have_count(2)
