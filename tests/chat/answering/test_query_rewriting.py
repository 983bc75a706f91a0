"""Follow-up questions become standalone queries, by a model or by rule."""

import pytest
from support.conversations import ASKED, ask, events_of, row_of
from support.scripted_model import ScriptedModel

from chat.answering import query_rewriting
from chat.answering.query_rewriting import standalone_query
from chat.prompting.builder import ChatTurn
from providers.exceptions import ProviderUnavailable
from providers.protocols import Reasoning
from web.database import in_database

HISTORY = (
    ChatTurn("user", "When was the wing of the aeroplane built?"),
    ChatTurn("assistant", "In 1953 [1]."),
)
BY_RULE = "How heavy is it? (When was the wing of the aeroplane built?)"


@pytest.fixture
def rewriter() -> ScriptedModel:
    return ScriptedModel()


async def test_the_rewrite_request_is_short_and_without_reasoning(rewriter):
    rewriter.script = ["How heavy is the wing", " of the aeroplane?"]

    found = await standalone_query("How heavy is it?", HISTORY, rewriter)

    assert (found.text, found.how, found.earlier) == (
        "How heavy is the wing of the aeroplane?",
        "model",
        (),
    )
    [request] = rewriter.requests
    assert (request.think, request.temperature) == (False, 0.0)
    assert request.max_tokens is not None
    assert "Person: When was the wing" in request.messages[-1].text
    assert "Assistant: In 1953." in request.messages[-1].text
    assert request.messages[-1].text.endswith("Question: How heavy is it?")


@pytest.mark.parametrize(
    "script",
    [
        [""],
        ["\n \n"],
        ["…"],
        ["word " * 400],
        ["I am sorry, Dave."],
        [ProviderUnavailable("down")],
        [Reasoning("hm")],
        ["How heavy", 5.0, " is the wing?"],
    ],
)
async def test_the_rule_applies_if_the_model_fails_or_is_late(rewriter, script, monkeypatch):
    monkeypatch.setattr(query_rewriting, "REWRITE_TIMEOUT_SECONDS", 0.05)
    rewriter.script = script

    found = await standalone_query("How heavy is it?", HISTORY, rewriter)

    assert (found.text, found.how) == (BY_RULE, "rule")
    assert rewriter.closed == 1


@pytest.mark.parametrize(
    "said",
    [
        '"How heavy is the wing?"',
        "Question: How heavy is the wing?",
        "\n**How heavy is the wing?**\n\nBecause.",
    ],
)
async def test_labels_and_quotes_around_a_rewritten_question_are_removed(rewriter, said):
    rewriter.script = [said]

    assert (
        await standalone_query("How heavy is it?", HISTORY, rewriter)
    ).text == "How heavy is the wing?"


async def test_a_reasoning_model_is_not_asked_to_rewrite(rewriter):
    rewriter.takes_system_prompt = False

    assert (await standalone_query("How heavy is it?", HISTORY, rewriter)).how == "rule"
    assert rewriter.requests == []


@pytest.mark.parametrize(
    ("question", "history"),
    [
        ("How heavy is it?", ()),
        ("How does the lift of a wing grow with speed?", HISTORY),
        (HISTORY[0].text, HISTORY),
        ("Why?", (ChatTurn("user", "Why?"), ChatTurn("assistant", "So."))),
    ],
)
async def test_a_standalone_question_is_not_rewritten(rewriter, question, history):
    found = await standalone_query(question, history, rewriter)

    assert (found.text, found.how) == (question, "")
    assert rewriter.requests == []


@pytest.mark.django_db(transaction=True)
class TestInAnswers:
    async def test_the_query_is_reported_and_stored_and_the_question_stays_unchanged(
        self, conversation, model
    ):
        await (await ask(conversation)).ended()
        model.script = ["How does lift grow with higher speed in a stall?"]
        answer = await ask(conversation, "And in a stall?")

        events = await events_of(answer)

        started = next(event for event in events if event["type"] == "search.started")
        assert started["query"] == "How does lift grow with higher speed in a stall?"
        assert started["rewritten"] is True
        assert (
            model.requests[-1]
            .messages[-1]
            .text.partition("Question: ")[2]
            .startswith("And in a stall?\n")
        )
        row = await in_database(row_of)(answer)
        assert row.trace["standalone"]["text"] == started["query"]
        assert row.trace["standalone"]["how"] == "model"

    async def test_the_built_in_model_uses_the_rule(self, conversation):
        await (await ask(conversation, model="builtin/extractive")).ended()

        answer = await ask(conversation, "And why is it?", model="builtin/extractive")

        started = next(
            event for event in await events_of(answer) if event["type"] == "search.started"
        )
        assert started["query"] == f"And why is it? ({ASKED})"

    async def test_a_first_question_is_searched_unchanged(self, conversation, model):
        answer = await ask(conversation, "Why lift?")

        started = next(
            event for event in await events_of(answer) if event["type"] == "search.started"
        )
        assert (started["query"], started["rewritten"]) == ("Why lift?", False)
        assert "standalone" not in (await in_database(row_of)(answer)).trace
