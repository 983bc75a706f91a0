"""Connected model servers: from the administrator who adds them to the viewer who asks their models.

In Chinese and in English, light and dark, on a desktop and on a phone. Only the model servers are
fakes, on real sockets.
"""

import re
from collections.abc import Iterator

import pytest
from django.utils.translation import override
from fakes import models
from fakes.servers import FakeDeepSeek, FakeOllama, fake_deepseek, fake_ollama
from playwright.sync_api import Browser, Locator, Page, expect
from support.browser_walk import (
    LOOKS,
    Walk,
    answered,
    ask,
    has_said,
    last_answer,
    make_people,
    make_room,
    walking,
)
from support.running_server import Server, running

from embedded.terminal_language import ROOT
from providers.connections.checks import failure
from providers.http.errors import FaultFactory

pytestmark = pytest.mark.browser
KEY = "sk-the-right-one"
CHAT = "deepseek-v4-flash"
NAMES = {
    "english": {"ollama": "Lab", "deepseek": "DeepSeek", "room": "Lighthouse"},
    "chinese": {"ollama": "实验室", "deepseek": "深度求索", "room": "灯塔管理"},
}
FILES = ["灯塔.pdf", "lighthouse.pdf"]
QUESTION = "雾号的压缩机的零件号是什么？"
FOLLOW_UP = "那它每分钟响几秒？"


@pytest.fixture(scope="module")
def ollama() -> Iterator[FakeOllama]:
    with fake_ollama() as server:
        yield server


@pytest.fixture(scope="module")
def deepseek() -> Iterator[FakeDeepSeek]:
    with fake_deepseek(key=KEY) as server:
        yield server


@pytest.fixture(scope="module")
def server(ollama: FakeOllama, deepseek: FakeDeepSeek) -> Iterator[Server]:
    with running() as server:
        make_people(server)
        yield server


@pytest.fixture(scope="module", params=NAMES)
def walk(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Walk]:
    with walking(server, browser, LOOKS[request.param]) as walk:
        walk.known = {
            **NAMES[request.param],
            "slug": make_room(server, NAMES[request.param]["room"]),
        }
        yield walk


def add_connection(page: Page, name: str, kind: str, url: str, key: str = "") -> None:
    page.goto("/connections/")
    page.locator("#id_name").fill(name)
    page.locator("#id_kind").select_option(kind)
    page.locator("#id_base_url").fill(url)
    page.locator("#id_api_key").fill(key)
    page.locator("[aria-labelledby=new-title] button[type=submit]").click()


def findings(page: Page) -> Locator:
    return page.locator("#connection-state .findings li")


def reply_of(deepseek: FakeDeepSeek) -> str:
    """Return the whole response of the fake server to its last question."""
    asked = [
        request.body for request in deepseek.requests if request.path.endswith("/chat/completions")
    ]
    return models.reply(asked[-1]["messages"])


def test_an_administrator_adds_ollama_and_makes_one_of_its_models_the_default(
    walk: Walk, ollama: FakeOllama
):
    page = walk.window("ada")
    page.goto("/connections/")
    walk.seen("ada")

    add_connection(page, walk.known["ollama"], "ollama", ollama.url)

    expect(page).to_have_url(re.compile(r"/connections/[0-9a-f-]{36}/"))
    expect(findings(page).first).to_be_visible(timeout=30_000)
    expect(page.locator("#connection-state .notice-error")).to_have_count(0)
    for name in ("qwen2.5:7b", "deepseek-r1:1.5b", "nomic-embed-text:latest"):
        expect(page.locator("#connection-state tr", has_text=name)).to_be_visible()
    walk.seen("ada")
    before = len(ollama.requests)
    with page.expect_response(lambda response: response.url.endswith("/check/")):
        page.locator("#connection-state form button[type=submit]").click()
    assert len(ollama.requests) > before
    expect(findings(page).first).to_be_visible()

    page.locator("tr", has_text="qwen2.5:7b").get_by_role("link").click()
    page.locator("#id_is_default").check()
    walk.seen("ada")
    page.locator("main form button[type=submit]").click()

    expect(page.locator("tr", has_text="qwen2.5:7b").locator(".chip-ready")).to_be_visible()
    default = page.locator("tr", has_text="nomic-embed-text").locator(".chip-ready")
    expect(default).to_have_count(0)


def test_a_wrong_api_key_is_reported_and_the_right_one_accepted(walk: Walk, deepseek: FakeDeepSeek):
    page = walk.window("ada")

    add_connection(page, walk.known["deepseek"], "openai", deepseek.url, "sk-the-wrong-one")

    with override(walk.look.language):
        sentence = failure(FaultFactory(deepseek.url.removeprefix("http://")).key_refused()).message
    expect(page.locator("#connection-state .notice-error")).to_have_text(sentence, timeout=30_000)
    expect(page.locator("#connection-state tbody tr")).to_have_count(0)
    walk.seen("ada")
    page.goto("/connections/")
    expect(
        page.locator("tr", has_text=walk.known["deepseek"]).locator(".chip-failed")
    ).to_be_visible()
    walk.seen("ada")
    page.locator("tr", has_text=walk.known["deepseek"]).get_by_role("link").click()
    page.locator("#id_api_key").fill(KEY)
    page.locator("[aria-labelledby=change-title] button[type=submit]").click()

    expect(page.locator("#connection-state tr", has_text=CHAT)).to_be_visible(timeout=30_000)
    expect(page.locator("#connection-state .notice-error")).to_have_count(0)
    assert "sk-the" not in page.content()
    page.goto("/connections/")
    expect(
        page.locator("tr", has_text=walk.known["deepseek"]).locator(".chip-ready")
    ).to_be_visible()


def test_the_settings_of_a_workspace_select_the_model(walk: Walk):
    page = walk.window("ada")
    page.goto("/defaults/")
    walk.seen("ada")
    page.goto(f"/w/{walk.known['slug']}/settings/")
    choice = page.locator("#id_chat_model")
    own = [
        value
        for value in choice.locator("option").evaluate_all("all => all.map((one) => one.value)")
        if value
    ]
    connections = walk.server.call("/api/v1/connections/", token=walk.server.token())["results"]
    slug = next(row["slug"] for row in connections if row["name"] == walk.known["deepseek"])

    choice.select_option(f"{slug}/{CHAT}")
    walk.seen("ada")
    page.locator("form:has(#id_chat_model) button[type=submit]").click()

    expect(page.locator("#id_chat_model")).to_have_value(f"{slug}/{CHAT}")
    assert "builtin/extractive" in own
    assert not [value for value in own if "nomic" in value or "rerank" in value]


def test_an_editor_adds_documents(walk: Walk):
    page = walk.window("edith")
    page.goto(f"/w/{walk.known['slug']}/documents/")
    walk.seen("edith")

    page.locator("input[type=file]").set_input_files(
        [ROOT / "tests" / "fixtures" / name for name in FILES]
    )

    for name in FILES:
        expect(page.locator("tr", has_text=name).locator(".chip-ready")).to_be_visible(
            timeout=60_000
        )
    walk.seen("edith")


def test_a_viewer_sees_and_folds_the_reasoning(walk: Walk, deepseek: FakeDeepSeek):
    deepseek.rate = 3  # Slow enough to reason until the page shows it.
    page = walk.window("rui")
    page.goto(f"/w/{walk.known['slug']}/")
    walk.seen("rui")

    ask(page, QUESTION)

    answer = last_answer(page)
    expect(answer).to_have_attribute("data-thinking", "yes")
    thoughts = answer.locator("[data-reasoning]")
    expect(thoughts).to_be_hidden()
    answer.locator(".reasoning summary").click()
    expect(thoughts).to_contain_text("Let me look")
    begun = thoughts.inner_text()
    expect(thoughts).not_to_have_text(begun)
    walk.seen("rui")
    deepseek.rate = 12
    has_said(answer, 2)
    expect(answer).not_to_have_attribute("data-thinking", "yes")
    answer.locator(".reasoning summary").click()
    expect(thoughts).to_be_hidden()

    deepseek.rate = 0
    answered(page)
    expect(answer.locator("[data-reasoning-label]")).to_have_text(re.compile(r"\d"))
    expect(answer.locator("[data-text]")).to_contain_text("KX-4471-B")
    expect(answer.locator("[data-model]")).to_contain_text(CHAT)
    expect(answer.locator("[data-rewritten]")).to_be_hidden()
    walk.known["conversation"] = page.url


def test_a_source_opens_at_its_page(walk: Walk):
    page = walk.window("rui")
    answer = last_answer(page)
    panel = page.locator("#source-panel")

    answer.locator("[data-text] .cite").first.click()

    expect(panel).to_contain_text("灯塔.pdf")
    expect(panel.locator("[data-where]")).to_have_text(re.compile(r"\b2\b|第\s*2\s*页"))
    expect(panel.locator("mark").first).to_be_visible()
    walk.seen("rui")
    panel.locator("[data-link]").click()
    expect(page).to_have_url(re.compile(r"/documents/.*chunk="))
    expect(page.locator(".chunk:target")).to_contain_text("KX-4471-B")
    expect(page.locator(".chunk:target")).to_be_in_viewport()
    expect(page.locator(".chunk:target header")).to_have_text(re.compile(r"page 2\b|第\s*2\s*页"))
    walk.seen("rui")
    page.goto(walk.known["conversation"])
    expect(last_answer(page).locator("[data-text]")).to_contain_text("KX-4471-B")


def test_a_follow_up_shows_its_search_query(walk: Walk):
    page = walk.window("rui")

    ask(page, FOLLOW_UP)

    answer = answered(page)
    rewritten = answer.locator("[data-rewritten] [data-query]")
    expect(rewritten).to_contain_text("雾号")
    expect(rewritten).to_contain_text("每分钟")
    expect(answer.locator("[data-text]")).to_contain_text("三秒钟")
    expect(answer.locator("[data-text] .cite").first).to_be_visible()
    walk.seen("rui")
    page.reload()
    expect(last_answer(page).locator("[data-query]")).to_contain_text("雾号")


def test_a_stopped_answer_keeps_its_text(walk: Walk, deepseek: FakeDeepSeek):
    deepseek.rate = 12
    page = walk.window("rui")
    ask(page, "守塔人每几个小时修剪一次灯芯？")
    has_said(last_answer(page), 4)

    page.locator("#stop").click()

    answer = answered(page, "stopped")
    said = answer.locator("[data-text]").inner_text().strip()
    expect(answer.locator("[data-stopped]")).to_be_visible()
    expect(page.locator("#send")).to_be_visible()
    assert 4 <= len(said) < len(reply_of(deepseek))
    walk.seen("rui")
    deepseek.rate = 0
    page.reload()
    expect(last_answer(page).locator("[data-stopped]")).to_be_visible()
    assert last_answer(page).locator("[data-text]").inner_text().strip().startswith(said)


def test_a_fault_is_shown_in_one_sentence_and_a_retry_succeeds(walk: Walk, deepseek: FakeDeepSeek):
    page = walk.window("rui")
    deepseek.fault = "402"

    ask(page, "补给船星期几来？")

    answer = answered(page, "failed")
    with override(walk.look.language):
        sentence = str(FaultFactory(deepseek.url.removeprefix("http://")).no_balance())
    expect(answer.get_by_role("alert")).to_have_text(sentence)
    walk.seen("rui")
    deepseek.fault = ""
    answer.locator("[data-again-loud]").click()
    expect(page.locator("article.answer[data-status=failed]")).to_have_count(1)
    answered(page)
    expect(last_answer(page).get_by_role("alert")).to_be_hidden()


def test_a_reload_during_an_answer_loses_no_text(walk: Walk, deepseek: FakeDeepSeek):
    deepseek.rate = 5  # Slow enough to stream until the page is reloaded.
    page = walk.window("rui")
    ask(page, "看不见远处的浮标时，雾号怎么鸣响？")
    has_said(last_answer(page), 8)
    before = last_answer(page).locator("[data-text]").inner_text().strip()
    asked = len(deepseek.requests)

    page.reload()

    answer = last_answer(page)
    expect(answer).to_have_attribute("data-status", "streaming")
    has_said(answer, len(before))
    expect(page.locator("#stop")).to_be_visible()
    deepseek.rate = 0
    answered(page)
    assert len(deepseek.requests) == asked
    rows = walk.server.call(
        f"/api/v1/conversations/{page.url.rstrip('/').rpartition('/')[2]}/messages/",
        token=walk.token("rui"),
    )["results"]
    kept = next(row for row in rows if row["id"] == answer.get_attribute("data-message"))
    assert (kept["text"], kept["reasoning"]) == (reply_of(deepseek), models.THOUGHTS)
    expect(answer.locator("[data-reasoning]")).to_have_text(models.THOUGHTS, use_inner_text=False)
    shown = answer.locator("[data-text]").inner_text()
    assert re.sub(r"[\s\[\]]", "", shown) == re.sub(r"[\s\[\]]", "", kept["text"])
    walk.seen("rui")


def test_every_visited_page_is_sound_in_all_themes_and_sizes(walk: Walk):
    turned = "english on a phone" if walk.look.language == "en" else "chinese on a desk"

    walk.see_again(LOOKS[turned])

    assert walk.complaints == []
