"""Suggested questions of a workspace."""

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


def test_a_renamed_sample_suggests_its_own_questions(workspace):
    sample = SAMPLES["en"]
    make_document(workspace, "renamed.md", text=sample.offer.path.read_text(encoding="utf-8"))

    assert suggestions_for(workspace) == list(sample.questions)


def test_suggestions_take_one_heading_per_document_before_a_second(workspace):
    document_about(workspace, "1.2 Borrowing", "Fines")
    document_about(workspace, "Opening hours", "Seats")

    found = suggestions_for(workspace)

    assert found[0] == "What should I know about “Opening hours”?"
    assert found[1] == "What should I know about “Borrowing”?"
    assert len(found) == 3


def test_headings_without_a_topic_are_left_out(workspace):
    document_about(workspace, "4", "x" * 80, "Who may come in?")

    assert suggestions_for(workspace) == []


def test_unready_documents_suggest_no_questions(workspace):
    document = document_about(workspace, "Borrowing")
    Document.objects.filter(pk=document.pk).update(status=Document.Status.FAILED)

    assert suggestions_for(workspace) == []


def test_documents_without_headings_suggest_a_summary(workspace):
    make_document(workspace, "Minutes of May.txt", chunks=("one",))
    assert suggestions_for(workspace) == []

    workspace.chat_model = "ollama/qwen3:8b"

    assert suggestions_for(workspace) == ["Summarize “Minutes of May”."]
