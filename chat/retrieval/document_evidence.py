"""Document evidence: the scores of whole documents, added to the fused scores of their chunks.

Long documents of one kind, such as quarterly reports, have passages that are alike. Company, year
and product stand in the file name, on the title page and all over the text, seldom in the passage.
So the documents of a hybrid ranking are scored by their whole text and by their identity, and the
newest score more where a question asks for the latest. Evidence counts less where the passages tell
the documents apart, and has no weight where documents are short.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final
from uuid import UUID

from django.db import connection, transaction
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
from language.periods import periods as periods_in
from workspaces.models import Workspace

# Weights beside a fused score of 1, chosen on one half of the questions of sec-10q, mmlongbench-doc
# and ohr-manual; tests/bench/README.md has the figures of the other half.
TEXT_WEIGHT: Final = 0.8
IDENTITY_WEIGHT: Final = 1.5
LATEST_WEIGHT: Final = 0.4
COMPARED_RANK: Final = 3
CLEAR_SHARE: Final = 0.3
"""Evidence has no weight if the best chunk of the document at COMPARED_RANK has this share of the best score."""
SHORT_DOCUMENT_CHUNKS: Final = 2
"""In a workspace of documents of so many chunks on average, evidence has no weight."""
EXACT_MAX_DOCUMENTS: Final = 2_000
COUNTED_SHARE: Final = 1 / 8
"""In a workspace of more documents, a term in the texts of more than this share of them has no weight."""
TRACED_DOCUMENTS: Final = 5
MAX_COUNTED_TERMS: Final = 64
# A scan would read the terms of every document once for each term of the query, so the conditions
# leave the planner the inverted index alone.
_COUNT_SETTINGS: Final = "SET LOCAL enable_seqscan = off"
_COUNT_TERMS: Final = " UNION ALL ".join(
    f"""
    SELECT '{field}', term, (
        SELECT count(*) FROM (
            SELECT 1 FROM ingestion_documentterms
            WHERE {field}_terms @> ARRAY[term] AND (workspace_id = %(workspace)s) IS TRUE
            LIMIT %(bound)s
        ) AS bounded
    ) FROM unnest(%({field})s::integer[]) AS term
    """
    for field in ("text", "identity")
)


@dataclass(frozen=True, slots=True)
class _Scores:
    """The scores of one document for a query; the period as in `DocumentTerms`."""

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

    `document_of` has the document of each chunk. The order of the hits does not change; scores stay
    within 0 and 1.
    """
    share = _ambiguity(fused, document_of)
    if share > 0:
        indexed = Document.objects.filter(workspace=request.workspace, chunk_count__gt=0)
        size = indexed.aggregate(documents=Count("pk"), chunks=Sum("chunk_count"))
        share *= 1 - SHORT_DOCUMENT_CHUNKS * size["documents"] / (size["chunks"] or 1)
    if share <= 0:
        return list(fused)
    with trace.stage("documents"):
        evidence = _evidence(request, set(document_of.values()))
    if not evidence:
        return list(fused)
    # Documents that an older version indexed have no entry yet.
    unknown = sum(evidence.values()) / len(evidence)
    ranking = sorted(evidence, key=lambda document: -evidence[document])
    ranks = {document: rank for rank, document in enumerate(ranking, start=1)}
    trace.note(
        document_share=round(share, 3),
        documents={str(pk): round(evidence[pk], 3) for pk in ranking[:TRACED_DOCUMENTS]},
    )
    total = 1 + share * (TEXT_WEIGHT + IDENTITY_WEIGHT + LATEST_WEIGHT)
    added: list[FusedHit] = []
    for hit in fused:
        document = document_of[hit.chunk]
        score = (hit.score + share * evidence.get(document, unknown)) / total
        rank = {"document": ranks[document]} if document in ranks else {}
        added.append(replace(hit, score=score, ranks={**hit.ranks, **rank}))
    return added


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


def _evidence(request: SearchRequest, documents: Collection[UUID]) -> dict[UUID, float]:
    """Return the weighted sum of text, identity and recency for each of `documents` with an entry."""
    scores = _scores(request, documents)
    best_text = max((found.text for found in scores.values()), default=0.0) or 1.0
    evidence = {
        pk: TEXT_WEIGHT * found.text / best_text + IDENTITY_WEIGHT * found.identity
        for pk, found in scores.items()
    }
    periods = sorted({found.period for found in scores.values() if found.period})
    if len(periods) > 1 and _asks_for_latest(request):
        for pk, found in scores.items():
            if found.period:
                evidence[pk] += LATEST_WEIGHT * periods.index(found.period) / (len(periods) - 1)
    return evidence


def _asks_for_latest(request: SearchRequest) -> bool:
    """Return whether the query, or the question that it follows, asks for the latest and names no period."""
    questions = (request.query, *request.earlier[:1])
    return any(map(asks_for_latest, questions)) and not any(map(periods_in, questions))


def _scores(request: SearchRequest, documents: Collection[UUID]) -> dict[UUID, _Scores]:
    entries = DocumentTerms.objects.visible_to(request.user).filter(workspace=request.workspace)
    asked = {
        "text": weighted_terms(query_terms(request.query), map(query_terms, request.earlier)),
        "identity": weighted_terms(
            identity_query(request.query), map(identity_query, request.earlier)
        ),
    }
    weights = _query_weights(request.workspace, asked, entries.count())
    rows = (
        entries.filter(document__in=documents)
        .annotate(
            text=MaxInnerProduct("text_weights", sparse_vector(weights["text"])),
            identity=MaxInnerProduct("identity_weights", sparse_vector(weights["identity"])),
        )
        .values_list("document", "text", "identity", "period")
    )
    # The text is scored beside the best text, the identity as a part of all that was asked.
    possible = sum(weights["identity"].values()) or 1.0
    return {pk: _Scores(-text, -identity / possible, period) for pk, text, identity, period in rows}


def _query_weights(
    workspace: Workspace, asked: Mapping[str, Mapping[str, float]], total: int
) -> dict[str, dict[int, float]]:
    """Weigh the terms asked of each field by their rarity in that field of the workspace's documents."""
    salt = workspace.pk.int
    times = {
        field: {
            term_id(salt, term): weight for term, weight in islice(terms.items(), MAX_COUNTED_TERMS)
        }
        for field, terms in asked.items()
    }
    bound = total if total <= EXACT_MAX_DOCUMENTS else round(COUNTED_SHARE * total)
    weights: dict[str, dict[int, float]] = {field: {} for field in asked}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_COUNT_SETTINGS)
        ids = {field: list(of_field) for field, of_field in times.items()}
        cursor.execute(_COUNT_TERMS, {"workspace": workspace.pk, "bound": bound + 1, **ids})
        for field, term, having in cursor.fetchall():
            if field == "identity" or having <= bound:
                weights[field][term] = times[field][term] * idf(total, having)
    return weights
