"""The Chinese interface: first steps, input methods, and no English text on any page."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fakes.servers import FakeOllama, fake_ollama
from playwright.sync_api import Browser, Locator, Page, expect
from support.library_documents import CHINESE
from support.page_addresses import PAGES
from support.running_server import ADMIN, Server, running

pytestmark = pytest.mark.browser
FILE = "图书馆规则.txt"
MORE_PAGES = [
    "/connections/{connection}/",
    "/connections/{connection}/models/{model}/",
    "/users/{user}/",
    "/groups/{group}/",
]
# Allowed words in Latin letters: names of products, formats, keys of the keyboard, and fixtures.
NAMES = {
    *("Unstructured", "Docling"),
    *(
        "Reading",
        "Room",
        "English",
        "Ollama",
        "DeepSeek",
        "LM",
        "Studio",
        "vLLM",
        "OpenAI",
        "API",
        "AI",
        "ID",
        "token",
        "Token",
    ),
    *(
        "PDF",
        "Word",
        "PowerPoint",
        "Excel",
        "HTML",
        "Markdown",
        "CSV",
        "EPUB",
        "OCR",
        "KB",
        "MB",
        "Enter",
        "Shift",
        "Esc",
    ),
    *(
        "GB",
        "BMP",
        "GIF",
        "JPEG",
        "PNG",
        "TIFF",
        "WebP",
        "JSON",
        "XML",
        "Org",
        "reStructuredText",
        "OpenDocument",
    ),
    *("BZIP", "GZIP", "TAR", "XZ", "ZIP", "LibreOffice", "Outlook", "WordPerfect"),
}
WORD = re.compile(r"[A-Za-z][A-Za-z'’]*")
# Addresses, names of files and models, slugs and dates: strings with signs that no word has.
NO_WORDS = re.compile(r"https?://\S*|\w+/(?=\s)|\S*\w[.:@/_=-][A-Za-z0-9…]\S*")
SAID = """() => {
    const said = [document.title];
    const left = "code, kbd, noscript, pre, script, style, template, [data-text], .crumbs-name, textarea";
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const within = walker.currentNode.parentElement;
        if (!within.closest(left)) said.push(walker.currentNode.data);
    }
    for (const element of document.querySelectorAll("body *")) {
        for (const { name, value } of element.attributes)
            if (["aria-label", "title", "placeholder", "alt"].includes(name) || name.startsWith("data-confirm"))
                said.push(value);
    }
    return said.map((text) => text.trim()).filter(Boolean);
}"""


@pytest.fixture(scope="module")
def ollama() -> Iterator[FakeOllama]:
    with fake_ollama() as ollama:
        yield ollama


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server with an empty DATA_DIR, without users."""
    with running(with_admin=False) as server:
        yield server


@pytest.fixture
def chinese(browser: Browser, server: Server) -> Iterator[Page]:
    """A window of a browser with Chinese as its preferred language."""
    with browser.new_context(
        base_url=server.url, locale="zh-CN", viewport={"width": 1280, "height": 860}
    ) as context:
        yield context.new_page()


def sign_in(page: Page) -> None:
    page.goto("/login/")
    page.get_by_label("电子邮箱").fill(ADMIN["email"])
    page.get_by_label("密码").fill(ADMIN["password"])
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/")


def box(page: Page) -> Locator:
    return page.get_by_label("你的问题")


def answer(page: Page) -> Locator:
    return page.locator("article.answer").last


def left_in_english(texts: list[str]) -> set[str]:
    """Return the English words of `texts`, except names."""
    words = {word for text in texts for word in WORD.findall(NO_WORDS.sub(" ", text))}
    return {word for word in words - NAMES if len(word) > 1}


def test_setup_uses_the_language_of_the_browser_or_a_chosen_one(chinese: Page):
    chinese.goto("/")
    expect(chinese.get_by_role("heading", name="欢迎")).to_be_visible()
    assert left_in_english(chinese.evaluate(SAID)) == set()

    chinese.get_by_role("button", name="English").click()
    expect(chinese.get_by_role("heading", name="Welcome")).to_be_visible()
    chinese.get_by_role("button", name="简体中文").click()

    chinese.get_by_label("姓名").fill("林静")
    chinese.get_by_label("电子邮箱").fill(ADMIN["email"])
    chinese.get_by_label("密码").fill(ADMIN["password"])
    chinese.get_by_role("button", name="创建账户").click()
    expect(chinese.get_by_role("heading", name="创建第一个工作区")).to_be_visible()
    assert chinese.locator("html").get_attribute("lang") == "zh-hans"


def test_documents_with_chinese_names_become_ready(chinese: Page):
    sign_in(chinese)
    chinese.get_by_label("名称").fill("图书馆规章")
    chinese.get_by_role("button", name="创建工作区").click()
    expect(chinese.get_by_role("heading", name="还没有文档")).to_be_visible()

    chinese.locator("input[type=file]").set_input_files(
        {"name": FILE, "mimeType": "text/plain", "buffer": CHINESE.encode("gb18030")}
    )

    expect(chinese.locator("tr", has_text=FILE)).to_contain_text("就绪", timeout=60_000)


def test_a_question_is_answered_with_a_passage_that_opens(chinese: Page):
    sign_in(chinese)
    chinese.get_by_role("link", name="图书馆规章").first.click()

    expect(chinese.locator("form[data-prepared]")).to_be_attached()
    box(chinese).fill("阅览室周末几点关门？")
    box(chinese).press("Enter")

    expect(answer(chinese)).to_have_attribute("data-status", "done")
    expect(answer(chinese)).to_contain_text("下午六点")
    expect(answer(chinese)).to_contain_text(re.compile(r"在 1 份文档中找到 \d+ 个片段"))
    answer(chinese).locator("[data-text] .cite").first.click()
    expect(chinese.locator("#source-panel")).to_contain_text(FILE)
    chinese.reload()
    expect(answer(chinese)).to_contain_text(re.compile(r"在 1 份文档中找到 \d+ 个片段"))


def test_enter_that_ends_a_composition_does_not_send(chinese: Page):
    sign_in(chinese)
    chinese.get_by_role("link", name="图书馆规章").first.click()
    box(chinese).focus()
    keyboard = chinese.context.new_cdp_session(chinese)
    before = chinese.url

    # Simulates an input method: letters are provisional, and key events have code 229 until a
    # candidate is chosen.
    keyboard.send(
        "Input.imeSetComposition", {"text": "jiehuan", "selectionStart": 7, "selectionEnd": 7}
    )
    key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
    keyboard.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})
    provisional = box(chinese).input_value()
    keyboard.send("Input.insertText", {"text": "借还"})

    assert provisional == "jiehuan"
    assert box(chinese).input_value() == "借还"
    assert chinese.url == before
    expect(chinese.locator("article.answer")).to_have_count(0)


def test_the_search_page_accepts_full_width_signs(chinese: Page):
    sign_in(chinese)
    chinese.get_by_role("link", name="图书馆规章").first.click()
    chinese.get_by_role("link", name="搜索").first.click()

    chinese.get_by_role("searchbox").first.fill("「开放时间」，周末？")
    chinese.get_by_role("searchbox").first.press("Enter")

    expect(chinese.get_by_role("main")).to_contain_text(FILE)


def test_no_page_shows_english_text(chinese: Page, things: dict[str, str]):
    sign_in(chinese)
    left = {}

    for address in [*PAGES, *MORE_PAGES]:
        chinese.goto(address.format(**things).replace("books", "借阅").replace("xylophone", "木琴"))
        if words := left_in_english(chinese.evaluate(SAID)):
            left[address] = words

    assert left == {}


@pytest.fixture(scope="module")
def things(server: Server, ollama: FakeOllama) -> dict[str, Any]:
    """One object for each kind of page, named in Chinese except e-mail addresses."""
    token = server.token()
    slug = server.call("/api/v1/workspaces/", token=token)["results"][0]["slug"]
    conversation = server.call(
        f"/api/v1/workspaces/{slug}/conversations/", {"title": "开放时间"}, token
    )["id"]
    server.call(
        f"/api/v1/conversations/{conversation}/messages/", {"text": "周末几点关门？"}, token
    )
    empty = server.call("/api/v1/workspaces/", {"name": "空的"}, token)["slug"]
    connection = server.call(
        "/api/v1/connections/", {"name": "实验室", "kind": "ollama", "base_url": ollama.url}, token
    )["id"]
    user = {"email": "rui@example.org", "name": "王睿", "password": "another quiet phrase"}
    return {
        "slug": slug,
        "empty": empty,
        "conversation": conversation,
        "document": server.documents(slug, token)[0]["id"],
        "connection": connection,
        "model": server.call(f"/api/v1/connections/{connection}/models/", token=token)["results"][
            0
        ]["id"],
        "user": server.call("/api/v1/users/", user, token)["id"],
        "group": server.call("/api/v1/groups/", {"name": "编辑部"}, token)["id"],
    }
