"""Document evidence: the scores of whole documents, added to the fused scores of their chunks.

Long documents of one kind, such as quarterly reports, have passages that are alike. Company, year
and product stand in the file name, on the title page and all over the text, seldom in the passage.
So the documents of a hybrid ranking are scored by their whole text and by their identity, and the
newest score more where a question asks for the latest. Evidence counts less where the passages tell
the documents apart, and nothing where each document is one chunk.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Count, Sum
from pgvector.django import MaxInnerProduct

from chat.retrieval.fusion import FusedHit
from chat.retrieval.legs import SearchRequest
from chat.retrieval.lexical import idf, weighted_terms
from chat.retrieval.tracing import SearchTrace
from ingestion.document_terms import identity_query
from ingestion.lexical_terms import query_terms, sparse_vector, term_id
from ingestion.models import Document, DocumentTerms
from language.periods import asks_for_latest
from workspaces.models import Workspace

# Weights beside a fused score of 1, chosen on one half of the questions of sec-10q, mmlongbench-doc
# and ohr-manual; tests/bench/README.md has the figures of the other half.
TEXT_WEIGHT: Final = 0.8
IDENTITY_WEIGHT: Final = 0.6
LATEST_WEIGHT: Final = 0.4
COMPARED_RANK: Final = 3
CLEAR_SHARE: Final = 0.3
"""Evidence counts nothing if the best chunk of the document at COMPARED_RANK has this share of the best score."""
EXACT_MAX_DOCUMENTS: Final = 2_000
COUNTED_SHARE: Final = 1 / 8
"""In a workspace of more documents, a term in more than this share of them counts nothing."""
TRACED_DOCUMENTS: Final = 5
_COUNT_TERMS: Final = " UNION ALL ".join(
    f"""
    SELECT '{field}', term, (
        SELECT count(*) FROM (
            SELECT 1 FROM ingestion_documentterms
            WHERE {field}_terms @> ARRAY[term] AND workspace_id = %(workspace)s LIMIT %(bound)s
        ) AS bounded
    ) FROM unnest(%({field})s::integer[]) AS term
    """
    for field in ("text", "identity")
)


@dataclass(frozen=True, slots=True)
class _Scores:
    """What a query finds in one document; the period as in `DocumentTerms`."""

    text: float
    identity: float
    period: int | None


def with_document_evidence(
    request: SearchRequest,
    fused: Sequence[FusedHit],
    document_of: Mapping[UUID, UUID],
    trace: SearchTrace,
) -> list[FusedHit]:
    """Add to the scores of fused hits those of their documents, which become the rank `document`.

    `document_of` has the document of each chunk. Scores stay within 0 and 1.
    """
    indexed = Document.objects.filter(workspace=request.workspace, chunk_count__gt=0)
    size = indexed.aggregate(documents=Count("pk"), chunks=Sum("chunk_count"))
    documents, chunks = size["documents"], size["chunks"] or 0
    share = _ambiguity(fused, document_of) * (1 - documents / chunks if chunks else 0)
    if share <= 0:
        return list(fused)
    with trace.stage("documents"):
        evidence = _evidence(request, set(document_of.values()), documents)
    ranking = sorted(evidence, key=lambda document: -evidence[document])
    ranks = {document: rank for rank, document in enumerate(ranking, start=1)}
    trace.note(
        document_share=round(share, 3),
        documents={str(pk): round(evidence[pk], 3) for pk in ranking[:TRACED_DOCUMENTS]},
    )
    total = 1 + share * (TEXT_WEIGHT + IDENTITY_WEIGHT + LATEST_WEIGHT)
    added = [
        replace(
            hit,
            score=(hit.score + share * evidence.get(document, 0.0)) / total,
            ranks={**hit.ranks, "document": ranks[document]} if document in ranks else hit.ranks,
        )
        for hit in fused
        for document in [document_of[hit.chunk]]
    ]
    return sorted(added, key=lambda hit: -hit.score)


def _ambiguity(fused: Sequence[FusedHit], document_of: Mapping[UUID, UUID]) -> float:
    """Return how little the passages tell the documents apart, from 0 to 1."""
    best: dict[UUID, float] = {}
    for hit in fused:
        best.setdefault(document_of[hit.chunk], hit.score)
    scores = list(best.values())
    if len(scores) < 2 or scores[0] <= 0:
        return 0.0
    compared = scores[min(COMPARED_RANK, len(scores)) - 1] / scores[0]
    return max(0.0, (compared - CLEAR_SHARE) / (1 - CLEAR_SHARE))


def _evidence(request: SearchRequest, documents: Collection[UUID], total: int) -> dict[UUID, float]:
    """Return the evidence of each of `documents`, of `total` in the workspace: parts of the best in each field."""
    scores = _scores(request, documents, total)
    best_text = max((found.text for found in scores.values()), default=0.0) or 1.0
    best_identity = max((found.identity for found in scores.values()), default=0.0) or 1.0
    evidence = {
        pk: TEXT_WEIGHT * found.text / best_text + IDENTITY_WEIGHT * found.identity / best_identity
        for pk, found in scores.items()
    }
    periods = sorted({found.period for found in scores.values() if found.period})
    if len(periods) > 1 and asks_for_latest(request.query):
        for pk, found in scores.items():
            if found.period:
                evidence[pk] += LATEST_WEIGHT * periods.index(found.period) / (len(periods) - 1)
    return evidence


def _scores(request: SearchRequest, documents: Collection[UUID], total: int) -> dict[UUID, _Scores]:
    asked = {
        "text": weighted_terms(query_terms(request.query), map(query_terms, request.earlier)),
        "identity": weighted_terms(
            identity_query(request.query), map(identity_query, request.earlier)
        ),
    }
    weights = _query_weights(request.workspace, asked, total)
    rows = (
        DocumentTerms.objects.visible_to(request.user)
        .filter(workspace=request.workspace, document__in=documents)
        .annotate(
            text=MaxInnerProduct("text_weights", sparse_vector(weights["text"])),
            identity=MaxInnerProduct("identity_weights", sparse_vector(weights["identity"])),
        )
        .values_list("document", "text", "identity", "period")
    )
    return {pk: _Scores(-text, -identity, period) for pk, text, identity, period in rows}


def _query_weights(
    workspace: Workspace, asked: Mapping[str, Mapping[str, float]], total: int
) -> dict[str, dict[int, float]]:
    """Weigh the terms asked of each field by their rarity in that field of the workspace's documents."""
    salt = workspace.pk.int
    times = {
        field: {term_id(salt, term): weight for term, weight in terms.items()}
        for field, terms in asked.items()
    }
    bound = total if total <= EXACT_MAX_DOCUMENTS else round(COUNTED_SHARE * total)
    weights: dict[str, dict[int, float]] = {field: {} for field in asked}
    with connection.cursor() as cursor:
        ids = {field: list(of_field) for field, of_field in times.items()}
        cursor.execute(_COUNT_TERMS, {"workspace": workspace.pk, "bound": bound + 1, **ids})
        for field, term, having in cursor.fetchall():
            if 0 < having <= bound:
                weights[field][term] = times[field][term] * idf(total, having)
    return weights
