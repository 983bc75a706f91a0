"""A person may ask public models, models of their groups, and the model of the workspace."""

import pytest
from support.conversations import ask
from support.factories import make_conversation, make_group
from support.model_server import CHAT, make_connection, make_model

from chat.exceptions import UnknownModel
from web.database import in_database

pytestmark = pytest.mark.django_db(transaction=True)

RESERVED = "lab/llama3.2:3b"


@pytest.fixture
def reserved(served, db):
    return make_model(make_connection(), CHAT, groups=[make_group("Others")])


@pytest.fixture
def conversation(workspace, reader):
    return make_conversation(workspace, reader)


async def test_a_model_of_another_group_is_refused(reserved, conversation):
    with pytest.raises(UnknownModel):
        await ask(conversation, model=RESERVED)


async def test_the_model_of_the_workspace_answers_all_its_members(
    reserved, workspace, conversation
):
    workspace.chat_model = RESERVED
    await in_database(workspace.save)()

    for model in (None, RESERVED):
        end = await (await ask(conversation, model=model)).ended()
        assert (end["status"], end["text"]) == ("done", f"I am {RESERVED}.")


def test_the_openai_api_offers_permitted_models_only(reserved, call, reader, admin):
    body = {"model": RESERVED, "messages": [{"role": "user", "content": "Who are you?"}]}

    assert RESERVED not in call(reader).get("/v1/models").content.decode()
    assert call(reader).post("/v1/chat/completions", body).status_code == 404
    assert RESERVED in call(admin).get("/v1/models").content.decode()
