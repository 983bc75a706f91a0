"""Questions are stored, answers started and stopped, from any server process."""

import asyncio

import pytest
from support.conversations import ASKED, ask, row_of, until
from support.scripted_model import ID

from chat import answering
from chat.answering import runner
from chat.exceptions import NothingHere, TooManyAnswers, UnknownModel
from chat.models import Message
from web.database import in_database
from web.ids import new_id

pytestmark = pytest.mark.django_db(transaction=True)


async def test_question_and_answer_rows_exist_before_the_model_is_called(
    conversation, model, monkeypatch
):
    model.script = [asyncio.Event()]

    answer = await ask(conversation)

    question, reply = await in_database(list)(Message.objects.order_by("id"))
    assert (question.role, question.text, question.status) == ("user", ASKED, "done")
    assert (reply.role, reply.status, reply.parent_id) == ("assistant", "streaming", question.pk)
    answer.stop()
    await answer.ended()


async def test_the_first_question_becomes_the_title(conversation, model):
    await (await ask(conversation)).ended()
    await (await ask(conversation, "And drag?")).ended()

    await in_database(conversation.refresh_from_db)()
    assert conversation.title == ASKED


async def test_the_model_receives_the_previous_turn(conversation, model):
    model.script = ["Lift grows [1]."]
    first = await ask(conversation)
    await first.ended()

    second = await ask(conversation, "And lift at stall?")
    await second.ended()

    said = [(turn.role, turn.text) for turn in model.requests[-1].messages[1:3]]
    assert said == [("user", ASKED), ("assistant", "Lift grows.")]
    question = await in_database(Message.objects.get)(children=second.request.id)
    assert question.parent_id == first.request.id


async def test_questions_without_an_answer_are_left_out_of_the_history(conversation, model):
    model.script = [RuntimeError("boom")]
    await (await ask(conversation)).ended()
    model.script = ["Lift grows."]
    await (await ask(conversation)).ended()
    await (await ask(conversation, "And lift at stall?")).ended()

    said = [(turn.role, turn.text) for turn in model.requests[-1].messages[1:-1]]
    assert said == [("user", ASKED), ("assistant", "Lift grows.")]


async def test_a_question_with_an_earlier_parent_branches_the_history(conversation, model):
    first = await ask(conversation)
    await first.ended()
    await (await ask(conversation, "Lift on Mars?")).ended()

    other = await ask(conversation, "Lift on Venus?", parent=first.request.id)
    await other.ended()

    assert "Mars" not in str(model.requests[-1].messages)


async def test_a_parent_from_another_conversation_is_not_found(conversation, model):
    with pytest.raises(NothingHere):
        await ask(conversation, parent=new_id())

    assert not await in_database(Message.objects.exists)()


async def test_an_unknown_model_is_refused_and_no_message_is_stored(conversation, model):
    with pytest.raises(UnknownModel):
        await ask(conversation, model="nowhere/nothing")

    assert not await in_database(Message.objects.exists)()


async def test_a_model_may_be_chosen_for_one_question(conversation, model):
    end = await (await ask(conversation, model="builtin/extractive")).ended()

    assert end["model"] == "builtin/extractive"
    assert "Lift grows with the square of the speed" in end["text"]
    assert end["citations"][0]["document"]["name"] == "Wings.pdf"


async def test_chinese_is_answered_in_chinese(conversation, model):
    end = await (
        await ask(conversation, "机翼在什么攻角失速？", model="builtin/extractive")
    ).ended()

    assert "十六度" in end["text"]
    assert end["citations"][0]["document"]["name"] == "机翼.txt"


async def test_stopping_an_answer_that_has_ended_changes_nothing(conversation, model):
    answer = await ask(conversation)
    await answer.ended()

    assert await answering.stop(conversation, str(answer.request.id)) == []
    assert (await in_database(row_of)(answer)).status == "done"


async def test_another_process_stops_an_answer_through_its_row(conversation, model, monkeypatch):
    monkeypatch.setattr(runner, "SAVE_INTERVAL_SECONDS", 0.02)
    model.script = ["Lift", asyncio.Event()]
    answer = await ask(conversation)
    monkeypatch.setattr(runner, "_answers", {})

    await answering.stop(conversation)

    assert (await answer.ended())["status"] == "stopped"


async def test_answers_beyond_the_limit_are_refused_until_one_ends(conversation, model, settings):
    settings.ANSWERS_AT_ONCE = 2
    model.script = [asyncio.Event()]
    running_now = [await ask(conversation), await ask(conversation)]

    with pytest.raises(TooManyAnswers):
        await ask(conversation)

    assert set(await answering.stop(conversation)) == {
        str(answer.request.id) for answer in running_now
    }
    for answer in running_now:
        await answer.ended()
    model.script = ["Free again."]
    await (await ask(conversation)).ended()


async def test_shutdown_interrupts_answers_and_saves_their_text(conversation, model):
    model.script = ["Lift grows", asyncio.Event()]
    answer = await ask(conversation)
    await until(lambda: answer.draft.text)

    await answering.shut_down()

    row = await in_database(row_of)(answer)
    assert (row.status, row.text) == ("interrupted", "Lift grows")


async def test_the_model_of_the_workspace_answers_by_default(conversation, model):
    assert (await (await ask(conversation)).ended())["model"] == ID
