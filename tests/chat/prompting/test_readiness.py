"""Counts of documents, and answers without passages."""

import pytest
from support.conversations import ask
from support.factories import make_document

from chat import answering
from chat.prompting.readiness import Readiness, readiness_of
from chat.prompting.wording import found_nothing, still_reading
from ingestion.models import Document
from web.database import in_database


def make_waiting(workspace, status="queued"):
    document = make_document(workspace)
    Document.objects.filter(pk=document.pk).update(status=status)


@pytest.mark.django_db
def test_documents_are_counted_by_status(workspace):
    for status in ("ready", "ready", "queued", "processing", "failed", "cancelled"):
        make_waiting(workspace, status)

    assert readiness_of(workspace) == Readiness(total=5, ready=2, waiting=2)


@pytest.mark.django_db
def test_a_document_that_is_indexed_again_counts_as_ready(workspace):
    document = make_document(workspace)
    Document.objects.filter(pk=document.pk).update(status="processing", chunk_count=3)

    assert readiness_of(workspace) == Readiness(total=1, ready=1, waiting=0)


@pytest.mark.parametrize(
    ("state", "language", "words"),
    [
        (Readiness(0, 0, 0), "en", "no documents in this workspace yet"),
        (Readiness(0, 0, 0), "zh-hans", "还没有文档"),
        (Readiness(5, 3, 2), "en", "3 of 5 documents are ready"),
        (Readiness(5, 3, 2), "zh-hans", "5 份文档中已就绪 3 份"),
        (Readiness(5, 1, 4), "en", "1 of 5 documents is ready"),
        (Readiness(1, 0, 1), "en", "0 of 1 document"),
        (Readiness(5, 0, 5), "zh-hans", "已就绪 0 份"),
        (Readiness(2, 0, 0), "en", "could be processed"),
        (Readiness(2, 0, 0), "zh-hans", "处理失败"),
        (Readiness(5, 5, 0), "en", "found nothing about this"),
        (Readiness(5, 5, 0), "zh-hans", "没有找到"),
    ],
)
def test_an_answer_without_hits_names_the_reason(state, language, words):
    assert words in found_nothing(state, language)


def test_only_waiting_documents_add_a_remark():
    assert still_reading(Readiness(5, 5, 0), "en") == ""
    assert still_reading(Readiness(5, 4, 0), "en") == ""
    assert (
        still_reading(Readiness(5, 3, 2), "en")
        == "(3 of 5 documents are ready; the others are still being processed.)"
    )
    assert still_reading(Readiness(5, 3, 2), "zh-hans").startswith("（5 份文档中已就绪 3 份")


@pytest.mark.django_db(transaction=True)
class TestInAnswers:
    async def asked(self, conversation, question, **more):
        answer = await ask(conversation, question, **more)
        events = [event async for event in answering.follow(str(answer.request.id))]
        return events[-1], next(event for event in events if event["type"] == "search.done")

    async def test_an_answer_of_the_built_in_model_counts_ready_documents(
        self, library, conversation
    ):
        await in_database(make_waiting)(library)

        found, search = await self.asked(
            conversation, "How does lift grow?", model="builtin/extractive"
        )
        nothing, _search = await self.asked(conversation, "Bananas?", model="builtin/extractive")
        chinese, _search = await self.asked(conversation, "香蕉？", model="builtin/extractive")

        assert search["documents"] == {"total": 4, "ready": 3, "waiting": 1, "pinned": 0}
        assert "Lift grows" in found["text"]
        assert found["text"].endswith(
            "(3 of 4 documents are ready; the others are still being processed.)"
        )
        assert "3 of 4 documents are ready" in nothing["text"]
        assert "4 份文档中已就绪 3 份" in chinese["text"]
        assert (nothing["status"], nothing["citations"]) == ("done", [])

    async def test_a_model_gets_the_reason_and_a_strict_workspace_skips_the_model(
        self, library, conversation, model
    ):
        await self.asked(conversation, "Bananas?")
        assert "found nothing about this" in model.requests[0].messages[-1].text
        conversation.workspace.mode = "strict"

        end, _search = await self.asked(conversation, "Bananas?")

        assert end["text"] == "I found nothing about this in the documents of this workspace."
        assert len(model.requests) == 1
