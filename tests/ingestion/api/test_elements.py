"""Elements of documents in the JSON format of Unstructured."""

import json

import pytest
from support.document_calls import address
from support.factories import make_document, make_workspace
from unstructured.staging.base import elements_from_dicts, elements_to_dicts

from ingestion.api import elements as exchange
from ingestion.models import Document
from ingestion.parsing.parsed import Box, ElementRow, ParsedDocument
from ingestion.pipeline.parser_pool import options_of
from ingestion.storage.parse_cache import CachedParse

pytestmark = pytest.mark.django_db

ROWS = (
    ElementRow("Title", "Annual report", 1, None, Box(0.1, 0.05, 0.9, 0.1)),
    ElementRow("Title", "Income", 1, 1),
    ElementRow("NarrativeText", "Income rose.", 1),
    ElementRow("Title", "By branch", 2, 2),
    ElementRow("Table", "| Branch | € a\\|b |\n| --- | --- |\n| <North> & South | 7 |", 2),
    ElementRow("Title", "Outlook", 2, 1),
    ElementRow("NarrativeText", "Income rose.", 2),
)


def kept(document: Document, rows: tuple[ElementRow, ...] = ROWS) -> None:
    CachedParse.of(document, options_of(document.workspace)).save(
        ParsedDocument(rows, "Annual report", 2)
    )


@pytest.fixture
def document(workspace) -> Document:
    document = make_document(workspace, "report.pdf", chunks=("one",))
    kept(document)
    return document


def test_elements_have_type_page_depth_and_parent(reading, workspace, document):
    elements = reading.get(address(workspace, document, "elements/")).json()

    ids = {element["element_id"]: element["text"] for element in elements}
    said = [
        (
            element["type"],
            about["page_number"],
            about.get("category_depth"),
            ids.get(about.get("parent_id")),
        )
        for element in elements
        for about in [element["metadata"]]
    ]
    assert len(ids) == len(ROWS)
    assert said == [
        ("Title", 1, 0, None),
        ("Title", 1, 0, "Annual report"),
        ("NarrativeText", 1, None, "Income"),
        ("Title", 2, 1, "Income"),
        ("Table", 2, None, "By branch"),
        ("Title", 2, 0, "Annual report"),
        ("NarrativeText", 2, None, "Outlook"),
    ]


def test_a_table_has_html_and_coordinates(reading, workspace, document):
    title, *_, table, _outlook, _last = reading.get(
        address(workspace, document, "elements/")
    ).json()

    assert table["metadata"]["text_as_html"] == (
        "<table><tr><th>Branch</th><th>€ a|b</th></tr><tr><td>&lt;North&gt; &amp; South</td><td>7</td></tr></table>"
    )
    assert title["metadata"]["coordinates"] == {
        "points": [[0.1, 0.95], [0.1, 0.9], [0.9, 0.9], [0.9, 0.95]],
        "system": "RelativeCoordinateSystem",
        "layout_width": 1,
        "layout_height": 1,
    }


def test_unstructured_reads_and_writes_the_elements_unchanged(reading, workspace, document):
    given = reading.get(address(workspace, document, "elements/")).json()

    assert json.loads(json.dumps(elements_to_dicts(elements_from_dicts(given)))) == given
    assert reading.get(address(workspace, document, "elements/")).json() == given


def test_a_document_without_a_cache_entry_is_parsed_again(reading, workspace):
    document = make_document(
        workspace, "report.txt", text="# 1 Income\n\nIncome rose.", chunks=("x",)
    )

    elements = reading.get(address(workspace, document, "elements/")).json()

    assert elements[-1]["text"].endswith("Income rose.")
    assert CachedParse.of(document, options_of(workspace)).load()


def test_only_one_document_is_parsed_again_at_a_time(reading, workspace, monkeypatch):
    document = make_document(workspace, "report.txt", text="Income rose.")
    monkeypatch.setattr(exchange._parsing, "acquire", lambda blocking: False)

    answer = reading.get(address(workspace, document, "elements/"))

    assert (answer.status_code, answer.json()["code"]) == (503, "busy")


def test_an_unready_document_has_no_elements_and_a_broken_one_an_error(reading, workspace, queued):
    waiting = queued(workspace, "waiting.txt")
    Document.objects.filter(pk=waiting.pk).update(chunk_count=0)
    broken = make_document(workspace, "broken.txt", text="\x00")

    assert reading.get(address(workspace, waiting, "elements/")).json() == []
    answer = reading.get(address(workspace, broken, "elements/"))
    assert (answer.status_code, answer.json()["code"]) == (409, "empty")


def test_elements_of_a_document_in_another_workspace_are_not_found(reading, workspace, document):
    other = make_document(make_workspace(), "other.txt", text="Other")

    assert reading.get(address(workspace, other, "elements/")).status_code == 404
