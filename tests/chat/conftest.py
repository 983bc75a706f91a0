"""A workspace with searchable documents, a scripted model, and a conversation with that model."""

import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from support.factories import make_conversation
from support.scripted_model import ID, DeafModel, Scripted, ScriptedModel
from support.searchable_documents import make_searchable

from accounts.models import User
from chat.answering import runner
from chat.models import Conversation
from providers import registry
from workspaces.models import Workspace

LIFT = "Lift grows with the square of the speed. It is measured in newtons."
STALL = "The wing stalls at an angle of attack of 16 degrees. Lift is lost then."
CHINESE = "升力随速度的平方增加。机翼在攻角达到十六度时失速。"


@pytest.fixture
def library(workspace: Workspace) -> Workspace:
    """The workspace with three searchable documents."""
    place = {
        "headings": ["Lift"],
        "page_from": 3,
        "page_to": 4,
        "boxes": [[3, 0.1, 0.8, 0.9, 1.0], [4, 0.1, 0.1, 0.9, 0.2]],
    }
    make_searchable(workspace, "Wings.pdf", LIFT, STALL, **place)
    make_searchable(workspace, "Tail.pdf", "The tail keeps the aeroplane from pitching.")
    make_searchable(workspace, "机翼.txt", CHINESE)
    return workspace


@pytest.fixture
def conversation(library: Workspace, owner: User) -> Conversation:
    """A conversation of the owner, answered by the scripted model."""
    library.chat_model = ID
    library.save()
    return make_conversation(library, owner)


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    """The model of `conversation`; `model.script` lists its output."""
    scripted = ScriptedModel()
    with registry.connected("scripted", Scripted(scripted)):
        yield scripted


@pytest.fixture
def deaf_model() -> Iterator[DeafModel]:
    """A model of `conversation` that ignores cancellation."""
    scripted = DeafModel()
    with registry.connected("scripted", Scripted(scripted)):
        yield scripted


@pytest.fixture
def server_here(transactional_db: None) -> Iterator[uvicorn.Server]:
    """A real server in this process."""
    from config.asgi import application

    server = uvicorn.Server(
        uvicorn.Config(application, port=0, log_level="warning", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture
def live(server_here: uvicorn.Server) -> str:
    """The address of `server_here`."""
    return f"http://127.0.0.1:{server_here.servers[0].sockets[0].getsockname()[1]}"


@pytest.fixture(autouse=True)
def _no_answers_of_other_tests() -> Iterator[None]:
    yield
    runner._answers.clear()
