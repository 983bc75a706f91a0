"""The conversation page: input methods, lost connections, refusals, other tabs.

The server renders the page; the frames of its socket are played by the test.
"""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from support.recorded_socket import CITATION, QUOTE, Played, answer, ask, box, until
from support.running_server import Server

pytestmark = pytest.mark.browser
SLOW_TO_OPEN = """
    const told = new Promise((open) => { window.open_now = open; });
    let isOpen = false;
    told.then(() => { isOpen = true; });
    window.WebSocket = class extends WebSocket {
      get readyState() { return isOpen ? super.readyState : WebSocket.CONNECTING; }
      addEventListener(kind, heard) {
        super.addEventListener(kind, kind === "open" ? async () => { await told; heard(); } : heard);
      }
    };
"""


def test_enter_that_ends_a_composition_does_not_send(page: Page, played: Played):
    box(page).fill("借")

    box(page).dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    box(page).dispatch_event("keydown", {"key": "Enter", "keyCode": 229})
    box(page).press("Shift+Enter")
    page.wait_for_timeout(100)

    assert played.heard == []
    expect(page.locator(".question")).to_have_count(0)


def test_a_streaming_answer_grows_and_can_be_stopped(page: Page, played: Played):
    ask(page, played)
    played.begin()
    played.say("search.started", query="How many books?")
    played.say("search.done", hits=[{"document": {"id": name}} for name in "aab"], ms=12.3)
    played.say("answer.delta", text="**Twelve**")

    expect(answer(page).locator("strong")).to_have_text("Twelve")
    expect(answer(page)).to_contain_text("Found 3 passages in 2 documents")
    page.get_by_role("button", name="Stop generating").click()
    until(page, lambda: {"type": "stop", "message": "answer-1"} in played.heard)
    played.end("**Twelve**", status="stopped")

    expect(answer(page)).to_contain_text("You stopped this answer.")
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()


def test_a_lost_connection_is_restored_and_resumed(page: Page, played: Played):
    ask(page, played)
    played.begin()
    played.say("answer.delta", text="One ")
    expect(answer(page)).to_contain_text("One")

    played.sockets[-1].close()
    until(page, lambda: {"type": "resume", "message": "answer-1", "after": 2} in played.heard)
    played.say("answer.delta", text="One ", seq=2)
    played.say("answer.delta", text="two", seq=3)

    expect(answer(page).locator("[data-text]")).to_have_text("One two")
    expect(page.locator("#connection")).to_be_hidden()


def test_missing_events_are_requested_and_a_snapshot_is_applied(page: Page, played: Played):
    ask(page, played)
    played.begin()

    played.say("answer.delta", text="late", seq=7)
    until(page, lambda: {"type": "resume", "message": "answer-1", "after": 1} in played.heard)
    played.say("message.snapshot", text="All of it [1]", reasoning="", citations=[CITATION], seq=7)

    expect(answer(page).locator("[data-text]")).to_contain_text("All of it")
    expect(answer(page).locator(".source-row")).to_contain_text("pages 2–3")


def test_text_that_becomes_reasoning_moves_above_the_answer(page: Page, played: Played):
    ask(page, played)
    played.begin()
    played.say("answer.delta", text="The user asks [1].")
    played.say("citation", **CITATION)
    expect(answer(page).locator(".source-row")).to_have_count(1)

    played.say("message.snapshot", text="", reasoning="The user asks [1].", citations=[])
    played.say("answer.delta", text="Twelve books.")

    expect(answer(page).locator("[data-text]")).to_have_text("Twelve books.")
    expect(answer(page).locator("[data-reasoning]")).to_have_text("The user asks [1].")
    expect(answer(page).locator(".source-row")).to_have_count(0)
    expect(answer(page).locator("[data-sources]")).to_be_hidden()


def test_a_question_waits_until_the_socket_is_connected(
    page: Page, server: Server, place: str, cookies: Any
):
    slug = place.split("/")[2]
    conversation = server.call(f"/api/v1/workspaces/{slug}/conversations/", {}, server.token())[
        "id"
    ]
    page.context.add_cookies(cookies)
    page.add_init_script(SLOW_TO_OPEN)
    page.goto(f"/w/{slug}/c/{conversation}/")
    expect(page.locator("form[data-prepared]")).to_be_attached()

    box(page).fill("How many books at once?")
    box(page).press("Enter")
    expect(page.locator(".question")).to_have_text(re.compile("How many books at once"))
    expect(answer(page)).to_have_count(0)
    page.evaluate("open_now()")

    expect(answer(page)).to_have_attribute("data-status", "done")


def test_enter_before_the_script_loads_sends_the_question(
    page: Page, server: Server, place: str, cookies: Any
):
    slug = place.split("/")[2]
    conversation = server.call(f"/api/v1/workspaces/{slug}/conversations/", {}, server.token())[
        "id"
    ]
    held: list[Route] = []
    page.context.add_cookies(cookies)
    page.route("**/conversation*.js", lambda route: held.append(route))
    page.goto(f"/w/{slug}/c/{conversation}/", wait_until="commit")
    box(page).fill("How many books at once?")
    box(page).press("Enter")
    until(page, lambda: bool(held))

    held[0].continue_()

    expect(answer(page)).to_have_attribute("data-status", "done")
    expect(page.locator(".question [data-text]")).to_have_text("How many books at once?")


def test_a_refused_question_goes_back_into_the_box(page: Page, played: Played):
    ask(page, played, "Too much?")

    refusal = {"code": "busy", "message": "Too many answers are being written."}
    played.sockets[-1].send(json.dumps({"type": "error", **refusal, "error": refusal}))

    expect(page.locator(".toast-item")).to_contain_text("Too many answers")
    expect(box(page)).to_have_value("Too much?")
    expect(page.locator(".question")).to_have_count(0)


def test_a_lost_question_goes_back_into_the_box(page: Page, played: Played):
    ask(page, played, "Did it arrive?")

    played.sockets[-1].close()

    expect(box(page)).to_have_value("Did it arrive?")
    expect(page.locator(".toast-item")).to_contain_text("was not sent")


def test_a_failed_answer_shows_the_reason_and_can_be_retried(page: Page, played: Played):
    ask(page, played)
    played.begin()
    played.end(
        "Half an", status="failed", error={"code": "timeout", "message": "The model kept silent."}
    )

    expect(answer(page).get_by_role("alert")).to_have_text("The model kept silent.")
    expect(answer(page).locator("[data-text]")).to_have_text("Half an")
    answer(page).get_by_role("button", name="Try again").click()

    until(page, lambda: [frame["type"] for frame in played.heard].count("ask") == 2)
    assert played.heard[-1]["text"] == "How many books?"


def test_a_question_from_another_tab_appears(page: Page, played: Played):
    played.begin("Asked elsewhere?")
    played.end("Yes.")

    expect(page.locator(".question")).to_have_text("Asked elsewhere?")
    expect(answer(page)).to_have_attribute("data-status", "done")


def test_a_rewritten_query_is_shown(page: Page, played: Played):
    played.begin("And in winter?")
    played.say("search.started", query="When is the library open in winter?", rewritten=True)

    expect(answer(page)).to_contain_text("Understood as: When is the library open in winter?")

    played.say("search.done", hits=[], ms=3)
    played.end("At ten.")
    expect(answer(page)).to_contain_text("Understood as: When is the library open in winter?")


def test_a_source_marks_a_quotation_that_grew(page: Page, played: Played):
    played.begin()
    played.say("citation", **{**CITATION, "quote": "On borrowing."})
    played.say("citation", **{**CITATION, "quote": f"On borrowing. … {QUOTE[4:]}"})
    played.say("answer.delta", text="Twelve [1].")
    played.end("Twelve [1].")

    answer(page).locator("[data-text] .cite").click()

    expect(page.locator("#source-panel mark")).to_have_text(["On borrowing.", QUOTE[4:]])
    expect(answer(page).locator("[data-citation]")).to_have_count(1)


def test_a_source_opens_beside_the_answer_and_returns_the_focus(page: Page, played: Played):
    played.begin()
    played.say("answer.delta", text="Twelve [1].")
    played.say("citation", **CITATION)
    played.end("Twelve [1].", citations=[CITATION])
    panel = page.locator("#source-panel")
    chip = answer(page).locator("[data-text] .cite")

    chip.click()

    expect(panel.locator("mark")).to_have_text(QUOTE)
    expect(panel).to_contain_text(re.compile("rules.pdf.*pages 2–3.*RulesBorrowing", re.DOTALL))
    expect(panel).to_contain_text("has been deleted")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(chip).to_be_focused()


def test_the_scroll_position_stays_after_scrolling_up(page: Page, played: Played):
    played.begin()
    played.say("answer.delta", text="\n\n".join(f"Paragraph {n}." for n in range(60)))
    expect(answer(page)).to_contain_text("Paragraph 59.")
    page.mouse.move(640, 300)
    page.mouse.wheel(0, -3000)
    page.wait_for_function("() => scrollY === 0")

    played.say("answer.delta", text="\n\nThe end.")

    expect(answer(page)).to_contain_text("The end.")
    assert page.evaluate("scrollY") == 0
    page.get_by_role("button", name="Jump to latest").click()
    expect(page.get_by_text("The end.")).to_be_in_viewport()


def test_reasoning_is_folded_and_shows_its_seconds(page: Page, played: Played):
    ask(page, played)
    played.begin()
    played.say("reasoning.delta", text="Let me see. ")
    expect(answer(page).get_by_text("Thinking", exact=True)).to_be_visible()
    played.say("answer.delta", text="Twelve.")
    expect(answer(page)).to_contain_text("Thought for 1 s")
    expect(answer(page).get_by_text("Let me see.")).to_be_hidden()

    answer(page).locator("summary").click()

    expect(answer(page).get_by_text("Let me see.")).to_be_visible()


def test_a_draft_question_survives_a_reload(page: Page, played: Played):
    box(page).fill("How many")

    page.reload()

    expect(box(page)).to_have_value("How many")
    ask(page, played, "How many books?")
    page.reload()
    expect(box(page)).to_have_value("")


def test_code_is_copied_once_the_answer_is_complete(page: Page, played: Played):
    played.begin()
    played.end("Do this:\n\n```\nmake up\n```")

    answer(page).get_by_role("button", name="Copy code").click()

    expect(answer(page).get_by_role("button", name="Copied")).to_be_visible()
