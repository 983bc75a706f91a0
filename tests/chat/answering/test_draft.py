"""The draft of an answer: deltas, text that cannot be stored, and citations."""

import asyncio

import pytest
from support.conversations import ask, events_of, kinds, until

from chat.models import Citation
from providers.protocols import Reasoning
from web.database import in_database

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_citation_is_a_snapshot_of_the_passage(conversation, model):
    model.script = ["Lift grows with the square of the speed [1]. Again [1]. And [77]."]

    end = (await events_of(await ask(conversation)))[-1]

    (citation,) = end["citations"]
    assert citation["n"] == 1
    assert citation["document"]["name"] == "Wings.pdf"
    assert citation["quote"] == "Lift grows with the square of the speed."
    assert citation["text"].startswith("Lift grows")
    assert (citation["headings"], citation["page_from"], citation["page_to"]) == (["Lift"], 3, 4)
    assert citation["boxes"] == [[3, 0.1, 0.8, 0.9, 1.0], [4, 0.1, 0.1, 0.9, 0.2]]
    assert citation["support"] == 1.0
    assert end["text"] == "Lift grows with the square of the speed [1]. Again [1]. And."


async def test_the_citation_outlives_its_document(conversation, model):
    model.script = ["Lift grows [1]."]
    await (await ask(conversation)).ended()

    await in_database(lambda: [d.delete() for d in conversation.workspace.documents.all()])()

    citation = await in_database(Citation.objects.get)()
    assert (citation.document_id, citation.document_name) == (None, "Wings.pdf")


async def test_a_document_deleted_while_the_answer_is_written_is_cited_by_name(conversation, model):
    gate = asyncio.Event()
    model.script = ["Lift grows [1].", gate]
    answer = await ask(conversation)
    await until(lambda: answer.draft.citations)

    await in_database(lambda: [d.delete() for d in conversation.workspace.documents.all()])()
    gate.set()

    (citation,) = (await answer.ended())["citations"]
    assert citation["document"] == {"id": None, "name": "Wings.pdf"}


async def test_fast_deltas_are_joined_without_loss(conversation, model):
    model.script = [f"word{n} " for n in range(5_000)]

    events = await events_of(await ask(conversation))

    assert events[-1]["text"] == "".join(model.script)
    assert len(events) < 200


async def test_slow_deltas_are_sent_at_once(conversation, model):
    model.script = [part for n in range(10) for part in (f"word{n} ", 0.05)]

    events = await events_of(await ask(conversation))

    assert kinds(events).count("answer.delta") >= 10


async def test_nul_and_lone_surrogates_are_removed(conversation, model):
    model.script = ["Li\x00ft \ud83d", Reasoning("\x00\udc00"), "\U0001f600"]

    end = await (await ask(conversation)).ended()

    assert end["text"] == "Lift \ufffd\U0001f600"
    assert end["reasoning"] == "\ufffd"


async def test_a_citation_quotes_the_sentences_of_all_its_claims(conversation, model):
    model.script = [
        "Lift grows with the square of the speed [1]. ",
        "It is measured in newtons [1][1].",
    ]
    answer = await ask(conversation, "How does lift grow with the square of speed, in newtons?")

    events = await events_of(answer)

    quotes = [event["quote"] for event in events if event["type"] == "citation"]
    assert quotes == [
        "Lift grows with the square of the speed.",
        "Lift grows with the square of the speed. It is measured in newtons.",
    ]
    (citation,) = events[-1]["citations"]
    assert citation["quote"] == quotes[-1]
