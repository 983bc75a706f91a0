"""Models that mark only the end of their reasoning: sent text becomes reasoning afterwards."""

import pytest
from openai import OpenAI
from support.conversations import ask, events_of, row_of
from support.scripted_model import ID

from accounts.services import create_token
from chat.answering import runner
from chat.api.serializers import message_json
from chat.models import Citation
from providers.protocols import TextWasReasoning
from web.database import in_database

pytestmark = pytest.mark.django_db(transaction=True)
SCRIPT = [
    "Lift [1] was asked ",
    "about.",
    0.1,
    TextWasReasoning(),
    "It grows with the ",
    "square of the speed [1].",
]


async def test_a_snapshot_moves_text_to_the_reasoning(conversation, model):
    model.script = SCRIPT

    events = await events_of(await ask(conversation))

    told = [
        event
        for event in events
        if event["type"] in {"answer.delta", "message.snapshot", "citation"}
    ]
    (at,) = [number for number, event in enumerate(told) if event["type"] == "message.snapshot"]
    snapshot, rest = told[at], told[at + 1 :]
    assert (snapshot["text"], snapshot["reasoning"]) == ("", "Lift [1] was asked about.")
    assert snapshot["citations"] == []
    assert (
        "".join(event.get("text", "") for event in rest if event["type"] == "answer.delta")
        == events[-1]["text"]
    )
    assert events[-1]["text"] == "It grows with the square of the speed [1]."
    assert events[-1]["reasoning"] == "Lift [1] was asked about."
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))


@pytest.mark.parametrize("pause", [0.0, 0.2])
async def test_citations_in_reasoning_are_dropped(pause, conversation, model, monkeypatch):
    monkeypatch.setattr(runner, "SAVE_INTERVAL_SECONDS", 0.01)
    model.script = [
        "Lift grows with the square of the speed [1].",
        pause,
        TextWasReasoning(),
        0.2,
        "It grows.",
    ]

    answer = await ask(conversation)
    end = (await events_of(answer))[-1]

    assert end["citations"] == []
    assert end["text"] == "It grows."
    stored = message_json(await in_database(row_of)(answer))
    assert (stored["text"], stored["citations"]) == ("It grows.", [])
    assert await in_database(Citation.objects.count)() == 0


async def test_a_citation_in_reasoning_and_answer_is_kept(conversation, model, monkeypatch):
    monkeypatch.setattr(runner, "SAVE_INTERVAL_SECONDS", 0.01)
    model.script = [*SCRIPT[:3], 0.2, *SCRIPT[3:]]

    answer = await ask(conversation)
    (citation,) = (await events_of(answer))[-1]["citations"]

    assert citation["quote"] == "Lift grows with the square of the speed."
    stored = message_json(await in_database(row_of)(answer))
    assert stored["citations"] == [citation]


def test_completions_separate_reasoning_from_the_answer(live, library, owner, model):
    model.script = SCRIPT
    client = OpenAI(base_url=f"{live}/v1", api_key=create_token(user=owner)[1], max_retries=0)
    library.chat_model = ID
    library.save()
    asked = {
        "model": f"workspace/{library.slug}",
        "messages": [{"role": "user", "content": "How does lift grow?"}],
    }

    whole = client.chat.completions.create(**asked)
    parts = [
        chunk.choices[0].delta.content or ""
        for chunk in client.chat.completions.create(**asked, stream=True)
    ]

    assert whole.choices[0].message.content == "It grows with the square of the speed [1]."
    assert (
        "".join(parts) == "Lift [1] was asked about.\n\nIt grows with the square of the speed [1]."
    )
