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


async def test_a_model_is_asked_briefly_and_without_thinking(rewriter):
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
async def test_by_rule_where_the_model_has_nothing_to_offer_in_time(rewriter, script, monkeypatch):
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
async def test_what_models_put_around_a_question_is_taken_off(rewriter, said):
    rewriter.script = [said]

    assert (
        await standalone_query("How heavy is it?", HISTORY, rewriter)
    ).text == "How heavy is the wing?"


async def test_one_that_thinks_whatever_it_is_told_is_not_waited_for(rewriter):
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
async def test_a_question_that_stands_alone_costs_nothing(rewriter, question, history):
    found = await standalone_query(question, history, rewriter)

    assert (found.text, found.how) == (question, "")
    assert rewriter.requests == []


@pytest.mark.django_db(transaction=True)
class TestInAnswers:
    async def test_what_is_searched_for_is_told_and_kept_and_the_question_asked_as_it_was_put(
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

    async def test_the_built_in_model_gets_it_by_rule(self, conversation):
        await (await ask(conversation, model="builtin/extractive")).ended()

        answer = await ask(conversation, "And why is it?", model="builtin/extractive")

        started = next(
            event for event in await events_of(answer) if event["type"] == "search.started"
        )
        assert started["query"] == f"And why is it? ({ASKED})"

    async def test_a_first_question_is_searched_for_as_it_is(self, conversation, model):
        answer = await ask(conversation, "Why lift?")

        started = next(
            event for event in await events_of(answer) if event["type"] == "search.started"
        )
        assert (started["query"], started["rewritten"]) == ("Why lift?", False)
        assert "standalone" not in (await in_database(row_of)(answer)).trace
