"""First use: from an empty server to an answer with citations."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from support.library_documents import write_all
from support.running_server import ADMIN, Server, running
from support.sign_in_form import sign_in

pytestmark = pytest.mark.browser
NAMES = ["rules.pdf", "fines.docx", "规则.txt"]
REAL = ["docqa/mmlongbench-doc/docs/watch_d.pdf", "documents/normal/poi__IllustrativeCases.docx"]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server with an empty DATA_DIR, without users."""
    with running(with_admin=False) as server:
        yield server


def ask(page: Page, question: str) -> None:
    expect(page.locator("form[data-prepared]")).to_be_attached()
    page.get_by_label("Your question").fill(question)
    page.get_by_label("Your question").press("Enter")


def last_answer(page: Page) -> Locator:
    return page.locator("article.answer").last


def wait_until_answered(page: Page) -> None:
    expect(last_answer(page)).to_have_attribute("data-status", "done")


def test_setup_creates_the_first_administrator(page: Page):
    page.goto("/")

    page.get_by_label("Name").fill(ADMIN["name"])
    page.get_by_label("E-mail address").fill(ADMIN["email"])
    page.get_by_label("Password").fill(ADMIN["password"])
    page.get_by_role("button", name="Create account").click()

    expect(page.get_by_role("heading", name="Create your first workspace")).to_be_visible()


def test_the_document_list_updates_until_documents_are_ready(page: Page, tmp_path: Path):
    sign_in(page)
    page.get_by_label("Name").fill("Library rules")
    page.get_by_role("button", name="Create workspace").click()
    expect(page.get_by_role("heading", name="No documents yet")).to_be_visible()

    page.locator("input[type=file]").set_input_files([str(path) for path in write_all(tmp_path)])

    for name in NAMES:
        row = page.locator("tr", has_text=name)
        expect(row).to_contain_text("Ready", timeout=60_000)
    page.reload()
    expect(page.get_by_text(f"{len(NAMES)} documents", exact=True)).to_be_visible()


def open_workspace(page: Page) -> None:
    sign_in(page)
    page.get_by_role("link", name="Library rules").first.click()


def test_an_english_question_is_answered_with_a_passage_that_opens(page: Page):
    open_workspace(page)

    ask(page, "How many books may a reader borrow at once?")

    wait_until_answered(page)
    expect(last_answer(page)).to_contain_text("twelve books")
    last_answer(page).locator("[data-text] .cite").first.click()
    panel = page.locator("#source-panel")
    expect(panel).to_be_visible()
    expect(panel).to_contain_text("rules.pdf")
    expect(panel).to_contain_text("Borrowing")
    expect(panel).to_contain_text(re.compile("page 2"))
    panel.get_by_role("link", name="Show in document").click()
    expect(page.get_by_role("heading", name="rules.pdf")).to_be_visible()


def test_a_chinese_question_is_answered_from_the_chinese_document(page: Page):
    open_workspace(page)

    ask(page, "阅览室周末几点关门？")

    wait_until_answered(page)
    expect(last_answer(page)).to_contain_text("下午六点")
    last_answer(page).locator("[data-text] .cite").first.click()
    expect(page.locator("#source-panel")).to_contain_text("规则.txt")


def test_an_answer_survives_a_reload_and_appears_in_another_window(
    page: Page, browser: Browser, server
):
    open_workspace(page)
    ask(page, "What does a lost book cost?")
    wait_until_answered(page)
    expect(last_answer(page).locator("[data-text] .cite").first).to_be_visible()
    said = last_answer(page).locator("[data-text]").inner_text()
    address = page.url

    page.reload()

    expect(last_answer(page).locator("[data-text] .cite").first).to_be_visible()
    assert last_answer(page).locator("[data-text]").inner_text() == said
    with browser.new_context(base_url=server.url) as other:
        window = other.new_page()
        sign_in(window)
        window.goto(address)
        expect(window.locator("article.answer").last).to_contain_text(said[:30])


def test_an_answer_without_hits_says_so(page: Page):
    open_workspace(page)

    ask(page, "Zebras quantum chromodynamics?")

    wait_until_answered(page)
    expect(last_answer(page).locator("[data-text] .cite")).to_have_count(0)
    expect(last_answer(page).locator("[data-text]")).not_to_be_empty()


def test_the_search_page_shows_hits_with_their_place(page: Page):
    open_workspace(page)
    page.get_by_role("link", name="Search").first.click()

    page.get_by_role("searchbox").first.fill("开放时间")
    page.get_by_role("searchbox").first.press("Enter")

    expect(page.get_by_role("main")).to_contain_text("规则.txt")


def test_a_member_is_added_by_address(page: Page, server):
    sign_in(page)
    page.goto("/users/")
    page.get_by_label("E-mail address").fill("rui@example.org")
    page.get_by_label("Name").fill("Rui")
    page.get_by_label("Password").fill("another quiet phrase")
    page.get_by_role("button", name=re.compile("Add")).click()
    expect(page.get_by_role("main")).to_contain_text("rui@example.org")
    page.goto("/")
    page.get_by_role("link", name="Library rules").first.click()
    page.get_by_role("link", name="Members").first.click()

    page.get_by_label("E-mail address").fill("rui@example.org")
    page.get_by_role("button", name=re.compile("Add")).click()

    expect(page.get_by_role("main")).to_contain_text("Rui")


def test_a_deleted_document_is_no_longer_cited(page: Page):
    open_workspace(page)
    page.get_by_role("link", name="Documents").first.click()
    page.get_by_role("link", name="规则.txt", exact=True).click()

    page.get_by_role("button", name="Delete").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()

    expect(page.get_by_role("link", name="规则.txt", exact=True)).to_have_count(0)


def test_the_server_answers_api_calls(server: Server):
    token = server.token()

    slug = server.call("/api/v1/workspaces/", token=token)["results"][0]["slug"]
    found = server.call(
        f"/api/v1/workspaces/{slug}/search/", {"query": "fines for late books"}, token
    )

    assert found["hits"][0]["document"]["name"] == "fines.docx"


def test_a_sample_document_is_answered_from_after_a_few_clicks(page: Page):
    sign_in(page)
    page.get_by_role("link", name="New workspace").click()
    page.get_by_label("Name").fill("First steps")
    page.get_by_role("button", name="Create workspace").click()

    page.get_by_role("button", name="Try a sample document").click()
    expect(page.locator("tr", has_text="House rules")).to_contain_text("Ready", timeout=60_000)
    page.get_by_role("link", name="Ask a question").click()
    page.get_by_role("button", name="How many books may I borrow").click()

    wait_until_answered(page)
    expect(last_answer(page)).to_contain_text("twelve")
    expect(last_answer(page).locator("[data-text] .cite").first).to_be_visible()


def test_the_question_box_appears_without_a_reload(page: Page):
    sign_in(page)
    page.get_by_role("link", name="New workspace").click()
    page.get_by_label("Name").fill("Early")
    page.get_by_role("button", name="Create workspace").click()
    page.get_by_role("button", name="Try a sample document").click()

    page.get_by_role("link", name="Ask", exact=True).click()

    expect(page.get_by_label("Your question")).to_be_visible(timeout=60_000)
    ask(page, "What happens when a seat is left empty?")
    wait_until_answered(page)
    expect(last_answer(page)).to_contain_text("forty minutes")


@pytest.mark.data
def test_real_documents_are_cited(page: Page, real_data: Path, tmp_path: Path):
    sign_in(page)
    page.goto("/workspaces/new/")
    page.get_by_label("Name").fill("Real documents")
    page.get_by_role("button", name="Create workspace").click()
    files = [*(real_data / name for name in REAL), chinese_passages(real_data, tmp_path)]

    page.locator("input[type=file]").set_input_files([str(path) for path in files])
    for path in files:
        expect(page.locator("tr", has_text=path.name)).to_contain_text("Ready", timeout=120_000)
    page.get_by_role("link", name="Ask").first.click()
    ask(page, "What will happen when you press and hold the down button?")
    wait_until_answered(page)

    last_answer(page).locator("[data-text] .cite").first.click()
    expect(page.locator("#source-panel")).to_contain_text("watch_d.pdf")
    expect(page.locator("#source-panel")).to_contain_text("page")


def chinese_passages(real_data: Path, folder: Path) -> Path:
    """A Chinese text of several passages, encoded as GB 18030."""
    lines = (
        (real_data / "retrieval" / "zh" / "cmrc2018-trial" / "corpus.jsonl")
        .read_text(encoding="utf-8")
        .splitlines()
    )
    passages = [json.loads(line) for line in lines[:20]]
    path = folder / "百科.txt"
    path.write_bytes(
        "\n\n".join(f"{row['title']}\n{row['text']}" for row in passages).encode("gb18030")
    )
    return path
