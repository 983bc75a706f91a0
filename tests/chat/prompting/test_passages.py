"""A citation has the pages and boxes of its quoted words, not of the whole passage."""

from pathlib import Path

import pytest
from support.conversations import ask, events_of
from support.searchable_documents import make_searchable

from chat.citing.quotes import Quote
from chat.prompting.passages import PromptPassage
from chat.prompting.pinned import pinned_documents
from ingestion.parsing.formats import PDF
from ingestion.parsing.parsed import Box, ElementRow
from ingestion.parsing.sandbox.pool import ParserPool
from ingestion.pipeline.chunking import TextChunk, split
from web.database import in_database
from web.ids import new_id

SENTENCES = [
    "The gate opens at six.",
    "The crane lifts twelve tonnes.",
    "The ferry leaves from pier four.",
]
PLACES = {
    "page_from": 1,
    "page_to": 3,
    "boxes": [[n, 0.1, 0.1 * n, 0.9, 0.1 * n + 0.05] for n in (1, 2, 3)],
    "anchors": [[0, 1, 0], [24, 2, 1], [56, 3, 2]],
}


def passage(piece: TextChunk) -> PromptPassage:
    return PromptPassage(
        n=1,
        chunk=new_id(),
        document_id=new_id(),
        document_name="Harbour.pdf",
        version=1,
        headings=(),
        page_from=piece.page_from,
        page_to=piece.page_to,
        text=piece.text,
        score=1.0,
        boxes=[list(box) for box in piece.boxes],
        anchors=piece.anchors,
    )


def harbour(*, boxes: bool = True) -> PromptPassage:
    (piece,) = split(
        [
            ElementRow(
                "NarrativeText",
                text,
                page=n,
                box=Box(0.1, 0.1 * n, 0.9, 0.1 * n + 0.05) if boxes else None,
            )
            for n, text in enumerate(SENTENCES, start=1)
        ]
    )
    return passage(piece)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_citation_has_page_and_box_of_its_quotation(number):
    found = harbour()

    citation = found.cited_with(found.quoted_for(SENTENCES[number - 1]))

    assert (citation.page_from, citation.page_to) == (number, number)
    assert [box[0] for box in citation.boxes] == [number]
    assert (found.page_from, found.page_to) == (1, 3)


def test_a_quotation_across_two_pages_has_both_pages():
    found = harbour()

    citation = found.cited_with(
        found.quoted_for(SENTENCES[0]).with_more(found.quoted_for(SENTENCES[2]))
    )

    assert (citation.page_from, citation.page_to, [box[0] for box in citation.boxes]) == (
        1,
        3,
        [1, 3],
    )


def test_a_quotation_has_a_page_in_formats_without_boxes():
    found = harbour(boxes=False)

    citation = found.cited_with(found.quoted_for(SENTENCES[1]))

    assert (citation.page_from, citation.page_to, citation.boxes) == (2, 2, [])


def test_a_passage_without_anchors_has_the_pages_of_the_whole_passage():
    found = passage(
        TextChunk(
            "The gate opens at six.",
            (),
            3,
            4,
            0,
            22,
            ((3, 0.1, 0.1, 0.2, 0.2), (4, 0.1, 0.1, 0.2, 0.2)),
        )
    )

    citation = found.cited_with(found.quoted_for("The gate opens at six."))

    assert (citation.page_from, citation.page_to, len(citation.boxes)) == (3, 4, 2)


@pytest.mark.parametrize("overlap", [0, 15])
def test_every_part_of_a_chunk_has_the_page_of_its_text(overlap):
    elements = [
        ElementRow("NarrativeText", " ".join(f"page{n}word{word}" for word in range(9)), page=n)
        for n in range(1, 30)
    ]

    for piece in split(elements, chunk_tokens=120, overlap=overlap):
        found = passage(piece)
        for start, word in enumerate(piece.text.split()):
            place = piece.text.index(word)
            quote = Quote(piece.text, ((place, place + len(word)),), None)
            assert (
                f"page{found.cited_with(quote).page_from}word" == word[: word.index("word") + 4]
            ), (start, word)


def test_rows_below_a_repeated_table_header_have_their_own_page():
    table = "| part | price |\n| --- | --- |\n" + "\n".join(f"| AB-{n} | {n} |" for n in range(80))
    pieces = split(
        [ElementRow("NarrativeText", "Prices.", page=1), ElementRow("Table", table, page=2)],
        chunk_tokens=100,
    )

    for piece in pieces:
        found = passage(piece)
        row = piece.text.rindex("| AB-")
        assert found.cited_with(Quote(piece.text, ((row, row + 5),), None)).page_from == 2


@pytest.mark.django_db(transaction=True)
async def test_a_second_claim_adds_its_page_to_the_citation(library, conversation, model):
    await in_database(make_searchable)(library, "Harbour.pdf", "\n\n".join(SENTENCES), **PLACES)
    model.script = [f"{SENTENCES[1]} [1] And more. {SENTENCES[2]} [1]"]

    events = await events_of(
        await ask(conversation, "Where does the ferry leave, and what does the crane lift?")
    )

    told = [
        (event["page_from"], event["page_to"]) for event in events if event["type"] == "citation"
    ]
    assert told == [(2, 2), (2, 3)]
    (citation,) = events[-1]["citations"]
    assert (citation["page_from"], citation["page_to"], [box[0] for box in citation["boxes"]]) == (
        2,
        3,
        [2, 3],
    )


@pytest.mark.django_db
def test_overlapping_chunks_of_a_pinned_document_are_cited_by_page(library, reader):
    document = make_searchable(library, "Harbour.pdf", "\n\n".join(SENTENCES), **PLACES)
    document.pinned = True
    document.save()
    chunk = document.chunks.get()
    chunk.start, chunk.end = 0, len(chunk.text)
    chunk.save()
    second = make_searchable(library, "x", SENTENCES[2] + "\n\nIt returns at noon.").chunks.get()
    second.document, second.position, second.page_from, second.page_to = document, 1, 3, 4
    second.start, second.end = 56, 56 + len(second.text)
    second.anchors = [[0, 3, None], [34, 4, None]]
    second.save()

    _first, last = pinned_documents(reader, library, room=1000).passages

    assert last.text == "It returns at noon."
    assert last.cited_with(last.quoted_for("It returns at noon.")).page_from == 4


@pytest.mark.data
def test_each_claim_on_sparse_pages_has_its_page(real_data: Path):
    path = real_data / "cases" / "11-citations_pages.pdf"
    with ParserPool(size=1) as pool:
        (piece,) = split(pool.parse(path, PDF, name=path.name).elements)
    found = passage(piece)

    pages = [
        found.cited_with(found.quoted_for(claim)).page_from
        for claim in ("The crane lifts at most twelve tonnes.", "The ferry leaves from pier four.")
    ]

    assert pages == [2, 5]
