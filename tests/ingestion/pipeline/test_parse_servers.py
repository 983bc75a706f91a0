"""Parse servers, and the built-in parsers that replace a failing server."""

from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from fakes.parse_servers import fake_parse_server
from support.document_calls import address
from support.factories import make_document

from audit.models import Event
from ingestion.documents import services
from ingestion.errors.exceptions import ParsingCancelled
from ingestion.index.fingerprint import make_of
from ingestion.models import Document
from ingestion.pipeline import parse_servers
from ingestion.pipeline.indexing import index
from ingestion.queue import claims
from providers import registry
from providers.connections import doctor
from providers.connections.checks import check
from providers.connections.refresh import refresh_model_lists
from providers.connections.services import change_connection, create_connection, delete_connection
from providers.models import Connection
from providers.parse_servers import fault
from workspaces.models import Membership
from workspaces.services import change_workspace

pytestmark = pytest.mark.django_db

SAID = {
    "down": "is not reachable",
    "slow": "did not respond within 1 s",
    "cut": "closed the connection before the response was complete",
    "silence": "did not respond within 1 s",
    "reset": "closed the connection before the response was complete",
    "garbage": "sent an invalid response",
    "redirect": "address of the parse server is wrong",
    "401": "rejected the API key",
    "404": "address of the parse server is wrong",
    "422": "rejected the file (status 422)",
    "429": "too many requests",
    "500": "reported an error (status 500)",
    "504": "did not respond within",
}
PDF = (Path(__file__).parents[2] / "fixtures" / "lighthouse.pdf").read_bytes()


@pytest.fixture(params=["unstructured", "docling"])
def server(request):
    with fake_parse_server(request.param, key="right") as server:
        server.kind = request.param
        yield server


@pytest.fixture
def connection(db, server) -> Connection:
    return create_connection(
        name="Reader", kind=server.kind, base_url=server.url, api_key="right", by=None
    )


@pytest.fixture
def scanned(place, given):
    """Return a function that adds a PDF and claims it."""

    def scanned() -> Document:
        services.add_documents(workspace=place, offers=[given("archive/scan.pdf", PDF)], by=None)
        document = claims.claim_next()
        assert document is not None
        return document

    return scanned


def indexed(document: Document) -> Document:
    index(document)
    return Document.objects.get(pk=document.pk)


def test_the_parse_server_of_a_workspace_parses_its_documents(place, connection, server, scanned):
    change_workspace(place, by=None, parse_server="reader")

    document = indexed(scanned())

    chunk = document.chunks.get()
    assert (document.status, document.title, document.pages) == ("ready", "Tide tables", 2)
    assert "| Day | Height |\n| --- | --- |\n| 1 | 4.2 |" in chunk.text
    assert (chunk.page_from, chunk.page_to) == (1, 2)
    assert [round(side, 3) for side in chunk.boxes[0]] == [1, 0.1, 0.1, 0.9, 0.15]
    assert server.files == [("scan.pdf", "application/pdf", PDF)]
    assert parse_servers.shown(document) == {"slug": "reader", "name": "Reader", "said": None}
    assert document.make == make_of(document.workspace)


@pytest.mark.parametrize("fault", SAID)
def test_the_built_in_parsers_replace_a_failing_server(
    place, connection, server, settings, scanned, fault
):
    settings.PARSE_SERVER_SECONDS = 1
    change_workspace(place, by=None, parse_server="reader")
    server.fault = fault

    document = indexed(scanned())

    assert (document.status, document.title) == ("ready", "Lighthouse Keeping")
    assert SAID[fault] in parse_servers.shown(document)["said"]
    assert document.make == make_of(document.workspace)


@pytest.mark.parametrize(
    "elements",
    [
        [],
        {},
        "text",
        [{"type": "Title"}],
        [{"type": "Title", "text": " ", "metadata": {}}],
        {"schema_name": "DoclingDocument", "body": {"children": []}},
    ],
)
def test_a_response_without_a_document_is_a_failure(place, connection, server, scanned, elements):
    change_workspace(place, by=None, parse_server="reader")
    server.elements = elements

    document = indexed(scanned())

    assert document.title == "Lighthouse Keeping"
    assert "sent an invalid response" in parse_servers.shown(document)["said"]


def test_a_response_over_the_size_limit_is_a_failure(
    place, connection, server, scanned, monkeypatch
):
    monkeypatch.setattr("providers.parse_servers.MAX_ANSWER_BYTES", 100)
    change_workspace(place, by=None, parse_server="reader")

    assert "exceeds the size limit" in parse_servers.shown(indexed(scanned()))["said"]


def test_a_disabled_server_or_one_without_its_key_gets_no_request(
    place, connection, server, scanned, owner
):
    change_workspace(place, by=None, parse_server="reader")
    Connection.objects.update(sealed_key=b"lost")
    document = indexed(scanned())

    assert "key of the parse server" in parse_servers.shown(document)["said"]
    change_connection(connection, by=owner, enabled=False, api_key="right")
    parse_servers.read_with(document, server=None, by=owner)
    assert "is disabled" in parse_servers.shown(indexed(claims.claim_next()))["said"]
    assert server.requests == []


def test_a_cancelled_document_ends_the_request_to_the_server(connection, server, scanned, tmp_path):
    server.fault = "slow"
    path = tmp_path / "scan.pdf"
    path.write_bytes(PDF)

    with pytest.raises(ParsingCancelled):
        parse_servers.parsed(connection, scanned(), path, cancelled=lambda: bool(server.requests))

    assert len(server.requests) == 1


def test_texts_and_protected_documents_are_parsed_locally(
    place, connection, server, claimed, scanned
):
    change_workspace(place, by=None, parse_server="reader")
    locked = scanned()
    locked.sealed_password = b"sealed"

    assert indexed(claimed()).parsed_by is None
    assert parse_servers.server_for(locked) is None
    assert server.requests == []


def test_results_of_a_parse_server_are_cached(place, connection, server, scanned, owner):
    change_workspace(place, by=None, parse_server="reader")
    document = indexed(scanned())
    change_workspace(place, by=None, chunk_tokens=100)

    again = indexed(claims.claim_next())

    assert again.chunks.exists()
    assert len(server.requests) == 1
    assert parse_servers.shown(again) == parse_servers.shown(document)


def test_a_document_is_parsed_by_a_server_and_locally_again(
    place, connection, server, scanned, owner
):
    document = indexed(scanned())
    parse_servers.read_with(document, server="reader", by=owner)

    better = indexed(claims.claim_next())
    parse_servers.read_with(better, server="", by=owner)
    here = indexed(claims.claim_next())

    assert [one.title for one in (document, better, here)] == [
        "Lighthouse Keeping",
        "Tide tables",
        "Lighthouse Keeping",
    ]
    assert [one.parsed_by and one.parsed_by["slug"] for one in (document, better, here)] == [
        None,
        "reader",
        None,
    ]
    assert Event.objects.filter(action="document.read_again", actor=owner).count() == 2


def test_a_document_serves_during_a_parse_by_another_server(place, connection, scanned, owner):
    document = indexed(scanned())

    waiting = parse_servers.read_with(document, server="reader", by=owner)

    assert (waiting.status, waiting.serving, waiting.chunks.count()) == (
        "queued",
        1,
        document.chunk_count,
    )


def test_elements_come_from_the_parse_server(place, connection, server, scanned, call, owner):
    change_workspace(place, by=None, parse_server="reader")
    Membership.objects.create(workspace=place, user=owner, role="viewer")

    elements = call(owner).get(address(place, indexed(scanned()), "elements/")).json()

    assert [element["text"] for element in elements[:2]] == [
        "Tide tables",
        "High water stands at noon.",
    ]


def test_documents_drop_a_deleted_connection(place, connection, scanned, owner):
    change_workspace(place, by=None, parse_server="reader")
    document = indexed(scanned())
    Document.objects.update(parse_server="reader")

    delete_connection(connection, by=owner)

    place.refresh_from_db()
    document.refresh_from_db()
    assert (place.parse_server, document.parse_server) == (None, None)


def test_a_workspace_refuses_an_unknown_parse_server(place, connection, owner):
    create_connection(name="Models", kind="ollama", base_url="http://127.0.0.1:9", by=None)

    for slug in ("models", "nothing"):
        with pytest.raises(ValidationError) as caught:
            change_workspace(place, by=owner, parse_server=slug)
        assert "parse_server" in caught.value.message_dict


def test_editors_choose_the_parse_server_of_a_document_over_the_api(
    editing, reading, workspace, connection
):
    document = make_document(workspace, "scan.pdf", chunks=("one",))
    Document.objects.update(media_type="application/pdf")
    where = address(workspace, document)

    assert reading.patch(where, {"parse_server": "reader"}, format="json").status_code == 403
    answer = editing.patch(where, {"parse_server": "reader"}, format="json").json()
    assert (answer["parse_server"], answer["status"], answer["serving"]) == ("reader", "queued", 1)
    assert (
        editing.patch(where, {"parse_server": "nothing"}, format="json").json()["code"]
        == "unknown_parse_server"
    )
    Document.objects.update(media_type="text/plain")
    assert (
        editing.patch(where, {"parse_server": None}, format="json").json()["code"]
        == "not_for_parse_servers"
    )


def test_the_page_of_a_document_shows_the_parser_and_offers_servers(
    client, workspace, connection, editor, reader
):
    document = make_document(workspace, "scan.pdf", chunks=("one",))
    said = fault("parse_server_busy", "gpu:8000").kept
    Document.objects.update(
        media_type="application/pdf", parsed_by={"slug": "reader", "name": "Reader", "said": said}
    )
    page = reverse("document_detail", args=[workspace.slug, document.pk])

    client.force_login(reader)
    seen = client.get(page).content.decode()
    assert "too many requests" in seen
    assert "Parse with" not in seen
    assert client.post(f"{page}read/", {"server": "reader"}).status_code == 403
    client.force_login(editor)
    create_connection(name="Another", kind="docling", base_url="http://127.0.0.1:9", by=None)
    seen = client.get(page).content.decode()
    assert "Parse with" in seen
    assert seen.index("Another</option>") < seen.index('<option value="reader" selected>')
    assert client.post(f"{page}read/", {"server": "\x00"}).status_code == 302
    assert Document.objects.get().parse_server is None
    assert client.post(f"{page}read/", {"server": "reader"}).status_code == 302
    assert Document.objects.get().parse_server == "reader"


@pytest.mark.parametrize(
    ("fault", "said"),
    [("", "all are responding"), ("401", "Reader: The parse server rejected the API key")],
)
def test_doctor_sends_a_page_to_a_parse_server(fault, said, connection, server):
    server.fault = fault

    finding = doctor.connections()

    assert finding.ok is not bool(fault)
    assert said in finding.detail


def test_a_connection_check_sends_a_page_to_the_parse_server(connection, server):
    good = check(connection)
    server.fault = "401"

    assert [(finding.code, finding.ok) for finding in good] == [("parses", True)]
    assert [(finding.code, finding.ok) for finding in check(connection)] == [
        ("parse_server_key_refused", False)
    ]
    assert server.files[0][:2] == ("check.html", "text/html")


def test_parse_servers_get_no_request_for_models(connection, server, call, admin):
    refresh_model_lists()

    assert registry.available_models()
    assert call(admin).get(f"/api/v1/connections/{connection.pk}/models/").json()["results"] == []
    assert server.requests == []
