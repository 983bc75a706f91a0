"""Chunks as indexing leaves them, without parsing anything."""

from collections import Counter
from collections.abc import Sequence

import pytest
from support.factories import make_document

from chat.retrieval import term_statistics
from ingestion.document_terms import Identity, title_page
from ingestion.index.document_index import entry_of
from ingestion.lexical_terms import document_weights, sparse_vector, terms
from ingestion.models import Document, Embedding, EmbeddingSpace
from ingestion.pipeline.chunking import embedding_text
from providers.registry import embedding_model
from workspaces.models import Workspace


def make_indexed(
    workspace: Workspace, name: str, *texts: str, headings: Sequence[Sequence[str]] | None = None
) -> Document:
    """A ready document whose chunks, with the headings of each, are in both legs of the index."""
    document = make_document(workspace, name, chunks=texts)
    model = embedding_model("builtin/static")
    space, _made = EmbeddingSpace.objects.get_or_create(model=model.id, dimensions=model.dimensions)
    counted: Counter[str] = Counter()
    for number, chunk in enumerate(document.chunks.all()):
        chunk.headings = list(headings[number]) if headings else []
        text = embedding_text(document.stem, chunk.headings, chunk.text)
        counted.update(terms(text))
        weights = document_weights(text, salt=workspace.pk.int)
        chunk.terms, chunk.weights = list(weights), sparse_vector(weights)
        chunk.save()
        vector = model.embed_query(text)
        Embedding.objects.create(chunk=chunk, workspace=workspace, space=space, vector=list(vector))
    entry_of(
        document, Identity(name, document.title, title_page(texts, sum(map(len, texts)))), counted
    ).save()
    return document


@pytest.fixture
def indexed():
    """Return the function that makes documents which can be found."""
    return make_indexed


@pytest.fixture
def shelf(workspace: Workspace) -> Workspace:
    """A workspace with a few documents to find things in."""
    make_indexed(
        workspace,
        "wings.txt",
        "Lift grows with the square of the speed.",
        "The wing stalls at 16 degrees.",
    )
    make_indexed(workspace, "bread.txt", "Bread is baked from flour and water.")
    make_indexed(workspace, "翼.txt", "升力随速度的平方增加。", "机翼在攻角达到十六度时失速。")
    make_indexed(workspace, "parts.txt", "Order part AB-1234/5 for the pump.")
    return workspace


@pytest.fixture(autouse=True)
def _forget_samples():
    term_statistics._samples.clear()
