import pytest
from support.factories import make_document

from chat.prompting.suggestions import suggestions_for
from ingestion.models import Chunk, Document
from ingestion.samples import SAMPLES

pytestmark = pytest.mark.django_db


def document_about(workspace, *headings):
    document = make_document(workspace, chunks=tuple(headings))
    for chunk, heading in zip(
        Chunk.objects.filter(document=document).order_by("position"), headings, strict=True
    ):
        Chunk.objects.filter(pk=chunk.pk).update(headings=["The whole", heading])
    return document


def test_an_empty_workspace_suggests_nothing(workspace):
    assert suggestions_for(workspace) == []


def test_a_sample_is_known_again_under_another_name_and_has_its_own_questions(workspace):
    sample = SAMPLES["en"]
    make_document(workspace, "renamed.md", text=sample.offer.path.read_text(encoding="utf-8"))

    assert suggestions_for(workspace) == list(sample.questions)


def test_other_documents_are_asked_about_by_their_headings_each_once_before_any_twice(workspace):
    document_about(workspace, "1.2 Borrowing", "Fines")
    document_about(workspace, "Opening hours", "Seats")

    found = suggestions_for(workspace)

    assert found[0] == "Tell me about “Opening hours”."
    assert found[1] == "Tell me about “Borrowing”."
    assert len(found) == 3


def test_headings_that_are_no_topics_are_left_out(workspace):
    document_about(workspace, "4", "x" * 80, "Who may come in?")

    assert suggestions_for(workspace) == []


def test_documents_that_are_not_ready_are_not_asked_about(workspace):
    document = document_about(workspace, "Borrowing")
    Document.objects.filter(pk=document.pk).update(status=Document.Status.FAILED)

    assert suggestions_for(workspace) == []


def test_without_headings_a_model_that_writes_is_asked_what_a_document_is_about(workspace):
    make_document(workspace, "Minutes of May.txt", chunks=("one",))
    assert suggestions_for(workspace) == []

    workspace.chat_model = "ollama/qwen3:8b"

    assert suggestions_for(workspace) == ["Summarize “Minutes of May”."]
