"""Pinned documents in prompts and answers."""

import pytest
from support.conversations import ask, events_of, row_of
from support.factories import make_workspace
from support.searchable_documents import make_searchable

from chat.prompting.pinned import pinned_documents
from ingestion.models import Document
from web.database import in_database


@pytest.fixture
def handbook(library):
    return pin(
        make_searchable(
            library, "Handbook.md", "Be kind to all readers.", "Whisper in the hall.", page_from=7
        )
    )


def pin(document: Document, **fields: object) -> Document:
    Document.objects.filter(pk=document.pk).update(pinned=True, **fields)
    return document


def texts(pinned) -> list[str]:
    return [passage.text for passage in pinned.passages]


def test_a_whole_document_is_included_with_numbers_and_pages(library, reader, handbook):
    pinned = pinned_documents(reader, library, room=1000)

    assert texts(pinned) == ["Be kind to all readers.", "Whisper in the hall."]
    assert [(passage.n, passage.page_from, passage.pinned) for passage in pinned.passages] == [
        (1, 7, True),
        (2, 7, True),
    ]
    assert pinned.as_json() == {"whole": ["Handbook.md"], "passages": 2, "left_out": []}


def test_a_document_that_does_not_fit_is_preferred_and_a_smaller_one_is_included(
    library, reader, handbook
):
    small = pin(make_searchable(library, "Small.md", "No dogs."))

    pinned = pinned_documents(reader, library, room=50)

    assert texts(pinned) == ["No dogs."]
    assert list(pinned.whole) == [small.pk]
    assert list(pinned.preferred) == [handbook.pk]
    assert pinned.as_json()["left_out"] == ["Handbook.md"]


def test_a_document_that_cannot_fit_is_not_read(
    library, reader, handbook, django_assert_num_queries
):
    handbook.chunks.update(end=100_000)

    with django_assert_num_queries(2):
        assert pinned_documents(reader, library, room=1000).passages == ()


def test_the_overlap_of_neighbouring_chunks_is_included_once(library, reader):
    text = "One sentence. Two sentences. Three."
    document = pin(make_searchable(library, "Overlap.md", text[:28], text[14:], "| a |\n| b |"))
    for chunk, (start, end) in zip(
        document.chunks.order_by("position"), [(0, 28), (14, 35), (30, 36)], strict=True
    ):
        document.chunks.filter(pk=chunk.pk).update(start=start, end=end)

    assert texts(pinned_documents(reader, library, room=1000)) == [
        "One sentence. Two sentences.",
        "Three.",
        "| a |\n| b |",
    ]


def test_a_document_with_a_pending_version_is_included_in_its_serving_version(
    library, reader, handbook
):
    Document.objects.filter(pk=handbook.pk).update(
        status=Document.Status.PROCESSING, version=3, stand_in=2
    )

    passages = pinned_documents(reader, library, room=1000).passages

    assert {passage.version for passage in passages} == {2}


@pytest.mark.parametrize(
    "fields", [{"status": Document.Status.PROCESSING, "chunk_count": 0}, {"workspace": None}]
)
def test_only_serving_documents_of_the_workspace_are_included(library, reader, fields, handbook):
    if "workspace" in fields:
        fields = {"workspace": make_workspace("Elsewhere", viewer=reader)}
    Document.objects.filter(pk=handbook.pk).update(**fields)

    assert pinned_documents(reader, library, room=1000).passages == ()


def test_a_stranger_gets_no_pinned_passages(library, stranger, handbook):
    assert pinned_documents(stranger, library, room=1000).passages == ()


@pytest.mark.django_db(transaction=True)
class TestInAnswers:
    async def test_pinned_passages_come_first_once_and_can_be_cited(
        self, conversation, model, handbook
    ):
        model.script = ["Whisper [2]. Lift grows [3]."]
        answer = await ask(conversation, "How does lift grow, and may one whisper in the hall?")

        events = await events_of(answer)

        hits = next(event for event in events if event["type"] == "search.done")["hits"]
        assert [(hit["n"], hit["document"]["name"], hit["pinned"]) for hit in hits[:3]] == [
            (1, "Handbook.md", True),
            (2, "Handbook.md", True),
            (3, "Wings.pdf", False),
        ]
        assert "Handbook.md" not in {hit["document"]["name"] for hit in hits[2:]}
        row = await in_database(row_of)(answer)
        assert [citation.document_name for citation in row.citations.all()] == [
            "Handbook.md",
            "Wings.pdf",
        ]
        assert row.trace["pinned"] == {"whole": ["Handbook.md"], "passages": 2, "left_out": []}
        assert (
            '<passage number="1" document="Handbook.md" pages="7-7">'
            in model.requests[0].messages[-1].text
        )

    async def test_a_long_pinned_document_is_preferred_among_the_hits(
        self, conversation, model, handbook
    ):
        await in_database(handbook.chunks.update)(end=1_000_000)
        answer = await ask(
            conversation, "Is lift lost in the hall, where readers whisper of wings?"
        )

        events = await events_of(answer)

        hits = next(event for event in events if event["type"] == "search.done")["hits"]
        assert (hits[0]["document"]["name"], hits[0]["pinned"]) == ("Handbook.md", False)
        assert (await in_database(row_of)(answer)).trace["pinned"]["left_out"] == ["Handbook.md"]

    async def test_without_pinned_documents_the_trace_has_no_pinned_member(
        self, conversation, model
    ):
        answer = await ask(conversation)
        await answer.ended()

        assert "pinned" not in (await in_database(row_of)(answer)).trace
