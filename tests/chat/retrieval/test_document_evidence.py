"""Documents of one kind, told apart by their names, title pages and whole texts."""

import pytest
from django.contrib.auth.models import AnonymousUser
from support.factories import make_workspace

from chat import retrieval
from chat.retrieval import document_evidence
from ingestion.documents.services import delete_document, rename_document
from ingestion.models import DocumentTerms

pytestmark = pytest.mark.django_db
COMPANIES = ("Apple", "Intel", "Nvidia")
QUARTERS = ("2022 Q4", "2023 Q1", "2023 Q2")
SAME = (
    "Net sales of the quarter rose because prices rose.",
    "The gross margin was lower than in the year before.",
    "Legal proceedings are described in the notes.",
)


@pytest.fixture
def reports(workspace, indexed):
    """Nine reports whose passages are the same; the company is named on the title page alone."""
    for company in COMPANIES:
        for quarter in QUARTERS:
            indexed(workspace, f"{quarter} R{company[0]}.pdf", f"{company} Inc. report", *SAME)
    return workspace


def names(result: retrieval.SearchResult, most: int = 3) -> list[str]:
    return [hit.document.name for hit in result.hits[:most]]


@pytest.mark.parametrize("company", COMPANIES)
def test_a_company_and_a_quarter_select_the_report(reports, reader, company):
    result = retrieval.search(
        reader, reports, f"gross margin of {company} in the first quarter of 2023"
    )

    assert names(result, 1) == [f"2023 Q1 R{company[0]}.pdf"]
    assert result.hits[0].ranks["document"] == 1


def test_the_latest_report_comes_first_when_asked_for(reports, reader):
    result = retrieval.search(reader, reports, "net sales of Intel in the most recent report")

    assert names(result, 1) == ["2023 Q2 RI.pdf"]


def test_the_passage_that_answers_leads_among_equal_ones(reports, reader):
    result = retrieval.search(reader, reports, "legal proceedings described by Nvidia in Q1 2023")

    first = next(hit for hit in result.hits if hit.text == SAME[2])
    assert first.document.name == "2023 Q1 RN.pdf"
    assert first.chunk in {hit.chunk for hit in result.hits[:2]}


def test_a_single_leg_ranks_without_evidence(reports, reader):
    result = retrieval.search(reader, reports, "gross margin of Apple Q1 2023", mode="lexical")

    assert {hit.ranks["document"] for hit in result.hits} == {None}


def test_scores_stay_between_zero_and_one(reports, reader):
    result = retrieval.search(reader, reports, "gross margin of Apple Q1 2023", top_k=40)

    assert all(0 <= hit.score <= 1 for hit in result.hits)
    assert [hit.score for hit in result.hits] == sorted(
        (hit.score for hit in result.hits), reverse=True
    )


def test_the_trace_names_the_best_documents(reports, reader):
    trace = retrieval.search(reader, reports, "gross margin of Apple Q1 2023").trace

    scores = list(trace["documents"].values())
    assert 0 < trace["document_share"] <= 1
    assert len(scores) == document_evidence.TRACED_DOCUMENTS
    assert scores == sorted(scores, reverse=True)
    assert trace["ms"]["documents"] > 0


def test_documents_of_one_chunk_get_no_evidence(workspace, reader, indexed):
    for number in range(4):
        indexed(workspace, f"note {number}.txt", f"Lift grows with the speed, note {number}.")

    trace = retrieval.search(reader, workspace, "lift and speed in note 2").trace

    assert "documents" not in trace


def test_passages_that_tell_the_documents_apart_leave_no_share(workspace, reader, indexed):
    indexed(workspace, "wings.pdf", "Lift grows with the speed of the wing.", "Flaps add drag.")
    indexed(workspace, "bread.pdf", "Bread is baked from flour.", "Dough rests for an hour.")
    indexed(workspace, "birds.pdf", "Birds sing in the morning.", "Nests are made of twigs.")

    trace = retrieval.search(reader, workspace, "lift speed wing").trace

    assert trace.get("document_share", 0) < 0.5


def test_another_workspace_does_not_change_the_ranking(reports, reader, owner, indexed):
    question = "gross margin of Apple in the first quarter of 2023"
    before = [(hit.chunk, hit.score) for hit in retrieval.search(reader, reports, question).hits]
    other = make_workspace("Other", owner=owner)
    for number in range(3):
        indexed(other, f"2023 Q1 Apple {number}.pdf", "Apple Inc. report", *SAME)

    after = [(hit.chunk, hit.score) for hit in retrieval.search(reader, reports, question).hits]

    assert after == before


def test_strangers_and_visitors_see_no_terms_of_documents(reports, reader, stranger):
    assert DocumentTerms.objects.visible_to(reader).count() == 9
    assert not DocumentTerms.objects.visible_to(stranger).exists()
    assert not DocumentTerms.objects.visible_to(AnonymousUser()).exists()


def test_a_renamed_document_is_found_by_its_new_name_at_once(reports, reader):
    document = reports.documents.get(name="2023 Q1 RA.pdf")
    document.title = "Report"
    document.save()

    rename_document(document, name="2021 Q1 Walrus.pdf")

    result = retrieval.search(reader, reports, "gross margin of Walrus in 2021")
    assert names(result, 1) == ["2021 Q1 Walrus.pdf"]
    assert DocumentTerms.objects.get(document=document).period == 202103


def test_a_deleted_document_leaves_no_terms(reports, owner):
    document = reports.documents.get(name="2023 Q1 RA.pdf")

    delete_document(document, by=owner)

    assert DocumentTerms.objects.count() == 8


def test_frequent_terms_of_a_large_workspace_are_not_counted(reports, reader, monkeypatch):
    monkeypatch.setattr(document_evidence, "EXACT_MAX_DOCUMENTS", 2)
    monkeypatch.setattr(document_evidence, "COUNTED_SHARE", 1 / 9)

    trace = retrieval.search(reader, reports, "net sales of Apple").trace

    assert len(set(trace["documents"].values())) < len(COMPANIES)


def test_documents_without_an_entry_get_the_mean(reports, reader):
    question = "gross margin of Nvidia in the first quarter of 2023"
    DocumentTerms.objects.filter(document__name__endswith="RN.pdf").delete()

    result = retrieval.search(reader, reports, question, top_k=40)

    found = [hit.document.name for hit in result.hits]
    assert "2023 Q1 RN.pdf" in found[: len(found) // 2]


def test_a_workspace_without_entries_is_searched_by_passages(reports, reader):
    DocumentTerms.objects.all().delete()

    result = retrieval.search(reader, reports, "legal proceedings")

    assert result.hits[0].text == SAME[2]
    assert "documents" not in result.trace


def test_a_common_word_in_a_name_does_not_outweigh_the_passage(reports, reader, indexed):
    indexed(reports, "Summary.pdf", "A short merger of two firms.", *SAME)
    indexed(
        reports,
        "Handbook.pdf",
        "Employees have thirty days of vacation.",
        "Vacation days expire in March.",
    )

    result = retrieval.search(reader, reports, "Give me a summary of the rules on vacation days")

    assert names(result, 1) == ["Handbook.pdf"]


def test_a_prompt_gets_passages_of_several_documents(reports, reader):
    result = retrieval.search_for_prompt(
        reader, reports, "gross margin of Apple and Intel in Q1 2023"
    )

    assert len({hit.document.id for hit in result.hits}) > 1


def test_a_floor_applies_to_the_passage_alone(reports, reader):
    floor = retrieval.Selection(floor=0.9)

    result = retrieval.search(reader, reports, "gross margin of Apple Q1 2023", selection=floor)

    best = max(hit.passage_score for hit in result.hits)
    assert all(hit.passage_score >= 0.9 * best for hit in result.hits)


def test_a_question_that_names_a_period_does_not_ask_for_the_latest(reports, reader):
    result = retrieval.search(reader, reports, "the most recent net sales of Intel in Q4 2022")

    assert names(result, 1) == ["2022 Q4 RI.pdf"]
