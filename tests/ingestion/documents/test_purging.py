import threading

import pytest
from django.db import connection
from django.utils import timezone
from support.factories import make_conversation, make_document, make_message, make_workspace

from chat.models import Conversation
from ingestion.documents import purging
from ingestion.models import Chunk, Document, Embedding, EmbeddingSpace
from workspaces.models import Membership, Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def deleted(owner):
    workspace = make_workspace(owner=owner)
    for number in range(5):
        document = make_document(workspace, chunks=(f"one {number}", f"two {number}"))
    space = EmbeddingSpace.objects.create(model="m", dimensions=2)
    Embedding.objects.create(
        chunk=document.chunks.first(), workspace=workspace, space=space, vector=[1, 2]
    )
    make_message(make_conversation(workspace, owner))
    Workspace.objects.filter(pk=workspace.pk).update(deleted=timezone.now())
    return workspace


def test_a_deleted_workspace_is_purged_in_batches(deleted, owner, monkeypatch):
    monkeypatch.setattr(purging, "PURGE_BATCH_SIZE", 2)
    kept = make_document(make_workspace(owner=owner), chunks=("kept",))

    assert purging.purge_deleted_workspaces() == 1

    assert list(Document.objects.all()) == [kept]
    assert [chunk.text for chunk in Chunk.objects.all()] == ["kept"]
    assert not Embedding.objects.exists()
    assert not Conversation.objects.exists()
    assert Membership.objects.count() == 1
    assert Workspace.objects.count() == 1


def test_a_stopped_purge_is_resumed(deleted, monkeypatch):
    monkeypatch.setattr(purging, "PURGE_BATCH_SIZE", 2)
    purging._purge_some_documents(deleted)
    assert Document.objects.count() == 3

    purging.purge_deleted_workspaces()

    assert not Workspace.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_second_purge_skips_the_job_without_waiting(deleted, monkeypatch):
    purges, others = [], []

    def purge_slowly(workspace):
        purges.append(workspace)
        thread = threading.Thread(
            target=lambda: (others.append(purging.purge_deleted_workspaces()), connection.close())
        )
        thread.start()
        thread.join(20)

    monkeypatch.setattr(purging, "purge_workspace", purge_slowly)

    purging.purge_deleted_workspaces()

    assert (purges, others) == ([deleted], [0])
