import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from support.factories import make_document

from ingestion.models import Chunk, Document, Embedding, EmbeddingSpace

pytestmark = pytest.mark.django_db
MODELS = [Document, Chunk, Embedding]


@pytest.fixture
def document(workspace):
    document = make_document(workspace, chunks=("one",))
    space = EmbeddingSpace.objects.create(model="m", dimensions=2)
    Embedding.objects.create(
        chunk=document.chunks.get(), workspace=workspace, space=space, vector=[1, 2]
    )
    return document


@pytest.mark.parametrize("model", MODELS)
def test_every_member_sees_the_rows_of_a_document(model, document, owner, editor, reader):
    for member in (owner, editor, reader):
        assert model.objects.visible_to(member).count() == 1


@pytest.mark.parametrize("model", MODELS)
def test_strangers_administrators_and_visitors_see_no_rows(model, document, stranger, admin):
    for other in (stranger, admin, AnonymousUser()):
        assert not model.objects.visible_to(other).exists()


@pytest.mark.parametrize("model", MODELS)
def test_a_document_of_a_deleted_workspace_is_invisible(model, document, owner, workspace):
    workspace.deleted = timezone.now()
    workspace.save()

    assert not model.objects.visible_to(owner).exists()


def test_editors_and_owners_may_change_a_document(document, owner, editor, reader, stranger):
    may = [
        user
        for user in (owner, editor, reader, stranger)
        if Document.objects.editable_by(user).exists()
    ]

    assert may == [owner, editor]
