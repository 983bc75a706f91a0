"""What the tests of ingestion share: documents in any state, a wake-up call that is counted, files to offer."""

from dataclasses import dataclass

import pytest
from factories import make_document

from ingestion import blobs, waking
from ingestion.models import Document
from workspaces.models import Workspace


@dataclass
class Given:
    """Bytes with a name, as an upload is."""

    name: str
    content: bytes = b"some text to read"

    def received(self) -> blobs.Received:
        return blobs.receive([self.content])


@pytest.fixture
def given():
    return Given


@pytest.fixture
def queued():
    """Return a function that makes a waiting document."""

    def queued(workspace: Workspace, name: str = "", **fields: object) -> Document:
        document = make_document(workspace, name)
        Document.objects.filter(pk=document.pk).update(**{"status": Document.Status.QUEUED, "progress": 0.0, **fields})
        document.refresh_from_db()
        return document

    return queued


@pytest.fixture(autouse=True)
def woken(monkeypatch) -> list[str]:
    """The messages that were sent to workers."""
    sent: list[str] = []
    monkeypatch.setattr(waking.current_app, "send_task", lambda name, **_: sent.append(name), raising=False)
    return sent
