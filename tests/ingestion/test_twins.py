"""The same bytes under another name: nothing is read or embedded twice that would come out the same."""

import pytest

from ingestion.indexing import index
from ingestion.models import Document

pytestmark = pytest.mark.django_db
TITLED = "# Wings\n\nLift is what wings make."
PLAIN = "plain text without a title"


def chunks_of(document: Document) -> list[tuple[object, ...]]:
    found = document.chunks.order_by("position")
    return [(c.text, c.headings, c.start, c.end, c.terms, c.embeddings.get().vector) for c in found]


@pytest.fixture
def counted(parser, model, monkeypatch):
    """How often documents are parsed and texts embedded."""
    counts = {"parsed": 0, "embedded": 0}
    parse, embed = parser.parse, model.embed_documents

    def counting_parse(*arguments, **more):
        counts["parsed"] += 1
        return parse(*arguments, **more)

    def counting_embed(texts):
        counts["embedded"] += len(texts)
        return embed(texts)

    monkeypatch.setattr(parser, "parse", counting_parse)
    monkeypatch.setattr(model, "embed_documents", counting_embed)
    return counts


def indexed(document: Document) -> Document:
    index(document)
    document = Document.objects.get(pk=document.pk)
    assert document.status == Document.Status.READY
    return document


def test_where_the_bytes_have_a_title_nothing_is_done_twice(claimed, counted):
    first = indexed(claimed(TITLED, name="wings.md"))
    before = dict(counted)

    second = indexed(claimed(TITLED, name="copy of wings.md"))

    assert counted == before == {"parsed": 1, "embedded": 1}
    assert (second.title, second.pages, second.chunk_count) == (first.title, first.pages, first.chunk_count)
    assert chunks_of(second) == chunks_of(first)


def test_where_the_name_stands_for_the_title_only_reading_is_spared(claimed, counted):
    indexed(claimed(PLAIN, name="the-manual.txt"))

    second = indexed(claimed(PLAIN, name="a-handbook.txt"))

    assert counted == {"parsed": 1, "embedded": 2}
    assert second.chunk_count == 1


@pytest.mark.parametrize("change", [{"make": "of another time"}, {"status": "failed"}, {"media_type": "text/plain"}])
def test_what_was_made_otherwise_serves_nobody(claimed, counted, change):
    first = indexed(claimed(TITLED, name="wings.md"))
    Document.objects.filter(pk=first.pk).update(**change)

    indexed(claimed(TITLED, name="copy.md"))

    assert counted == {"parsed": 2, "embedded": 2}


def test_a_name_of_another_kind_is_read_anew(claimed, counted):
    indexed(claimed(TITLED, name="wings.md"))

    indexed(claimed(TITLED, name="wings.markdown"))

    assert counted["parsed"] == 2


def test_a_twin_that_is_losing_its_chunks_is_passed_over(claimed, counted):
    first = indexed(claimed(TITLED, name="wings.md"))
    first.chunks.all().delete()

    assert indexed(claimed(TITLED, name="copy.md")).chunk_count == 1
    assert counted == {"parsed": 2, "embedded": 2}
