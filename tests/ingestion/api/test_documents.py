import pytest
from support.document_calls import address, upload
from support.factories import make_document, make_workspace

from ingestion.documents import services
from ingestion.index.fingerprint import make_of
from ingestion.models import Document
from ingestion.queue import claims

Status = Document.Status
pytestmark = pytest.mark.django_db


def test_the_list_is_paged_newest_first(reading, workspace):
    documents = [make_document(workspace) for _ in range(3)]

    first = reading.get(address(workspace), {"page_size": 2}).json()
    second = reading.get(first["next"]).json()

    assert [row["id"] for row in first["results"] + second["results"]] == [
        str(d.pk) for d in reversed(documents)
    ]
    assert second["next"] is None


def test_the_list_takes_the_same_number_of_queries_for_many_rows(
    reading, workspace, editor, django_assert_max_num_queries
):
    for _ in range(10):
        make_document(workspace)
    Document.objects.update(added_by=editor)

    with django_assert_max_num_queries(6):
        rows = reading.get(address(workspace)).json()["results"]

    assert len(rows) == 10


def test_the_list_is_filtered_by_status_and_name(reading, workspace, queued):
    make_document(workspace, "Alpha.txt")
    queued(workspace, "alphabet.txt")
    queued(workspace, "beta.txt", status=Status.FAILED)

    def names(**query):
        return {row["name"] for row in reading.get(address(workspace), query).json()["results"]}

    assert names(q="ALPHA") == {"Alpha.txt", "alphabet.txt"}
    assert names(status="queued,failed") == {"alphabet.txt", "beta.txt"}
    assert names(status="ready", q="beta") == set()
    assert names(q="100%") == set()
    assert names(q="\x00") == {"Alpha.txt", "alphabet.txt", "beta.txt"}


def test_the_list_is_filtered_by_kind_reason_and_pin(reading, workspace, queued):
    queued(workspace, "a.pdf", media_type="application/pdf", pinned=True)
    queued(
        workspace,
        "b.txt",
        status=Status.FAILED,
        error_code="too_large",
        error_details={"reason": "pages:5"},
    )

    def names(**query):
        return [row["name"] for row in reading.get(address(workspace), query).json()["results"]]

    assert names(kind="application/pdf") == ["a.pdf"]
    assert names(pinned="true") == ["a.pdf"]
    assert names(reason="too_large.pages") == ["b.txt"]
    assert names(reason="no_text") == []


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("name", ["Alpha", "beta", "beta", "gamma"]),
        ("-name", ["gamma", "beta", "beta", "Alpha"]),
        ("size", ["Alpha", "beta", "gamma", "beta"]),
        ("-size", ["beta", "gamma", "beta", "Alpha"]),
        ("added", ["beta", "Alpha", "gamma", "beta"]),
        ("-added", ["beta", "gamma", "Alpha", "beta"]),
        ("", ["beta", "gamma", "Alpha", "beta"]),
    ],
)
def test_the_list_is_paged_in_the_requested_order(reading, workspace, sort, found):
    for name, text in (("beta", "12345"), ("Alpha", "1"), ("gamma", "12345"), ("beta", "1234567")):
        make_document(workspace, name, text=text)
    rows, following = [], f"{address(workspace)}?page_size=1&sort={sort}"

    while following:
        page = reading.get(following).json()
        rows += page["results"]
        following = page["next"]

    assert len({row["id"] for row in rows}) == 4
    assert sort == "size" or [row["name"] for row in rows] == found
    assert sort != "size" or [row["size"] for row in rows] == [1, 5, 5, 7]


def test_an_unknown_order_is_a_problem_that_lists_the_known_orders(reading, workspace):
    response = reading.get(address(workspace), {"sort": "colour"})

    assert response.status_code == 400
    assert "-size" in response.json()["errors"]["sort"][0]


def test_places_in_the_queue_take_one_query_for_the_listed_documents(
    reading, workspace, queued, monkeypatch
):
    waiting = [queued(workspace) for _ in range(5)]
    make_document(workspace)
    places, asked = claims.places, []

    def counted(workspace_id, *, among=None):
        asked.append(set(among))
        return places(workspace_id, among=among)

    monkeypatch.setattr(claims, "places", counted)

    rows = reading.get(address(workspace), {"page_size": 3}).json()["results"]
    one = reading.get(address(workspace, waiting[1])).json()
    reading.get(address(workspace), {"status": "ready"})

    assert [row["place"] for row in rows] == [None, 5, 4]
    assert one["place"] == 2
    assert asked == [{waiting[4].pk, waiting[3].pk}, {waiting[1].pk}]


def test_an_unknown_status_is_named_in_a_problem(reading, workspace):
    response = reading.get(address(workspace), {"status": "queued,done"})

    assert response.status_code == 400
    assert "done" in response.json()["errors"]["status"][0]


def test_a_failed_document_has_its_error(reading, workspace, queued):
    document = queued(
        workspace, status=Status.FAILED, error_code="no_text", error_details={"reason": ""}
    )

    row = reading.get(address(workspace, document)).json()

    assert row["error"]["code"] == "no_text"
    assert row["error"]["message"].endswith(".")


def test_a_document_can_be_renamed_and_pinned(editing, workspace):
    document = make_document(workspace)

    response = editing.patch(
        address(workspace, document), {"name": "new.txt", "pinned": True, "status": "failed"}
    )

    assert response.status_code == 200
    assert response.json()["name"] == "new.txt"
    assert response.json()["pinned"] is True
    assert response.json()["status"] == "queued"


@pytest.mark.parametrize(
    "body", [{"name": ""}, {"name": None}, {"pinned": "perhaps"}, {"name": "x" * 300}]
)
def test_an_invalid_change_is_reported_on_its_field(editing, workspace, body):
    response = editing.patch(address(workspace, make_document(workspace)), body)

    assert response.status_code == 400
    assert set(response.json()["errors"]) == set(body)


def test_a_document_can_be_deleted(editing, workspace):
    document = make_document(workspace, chunks=("one",))

    assert editing.delete(address(workspace, document)).status_code == 204
    assert editing.get(address(workspace, document)).status_code == 404


def test_chunks_come_in_order(reading, workspace):
    document = make_document(workspace, chunks=("one", "two", "three"))

    first = reading.get(address(workspace, document, "chunks/"), {"page_size": 2}).json()
    second = reading.get(first["next"]).json()

    rows = first["results"] + second["results"]
    assert [(row["position"], row["text"]) for row in rows] == [
        (0, "one"),
        (1, "two"),
        (2, "three"),
    ]
    assert set(rows[0]) == {
        "id",
        "position",
        "text",
        "headings",
        "page_from",
        "page_to",
        "start",
        "end",
        "boxes",
    }


def test_a_failed_document_is_retried_with_its_password(editing, workspace, queued):
    document = queued(workspace, status=Status.FAILED, error_code="password_needed")

    response = editing.post(address(workspace, document, "retry/"), {"password": "open sesame"})

    assert response.status_code == 202
    assert response.json()["status"] == "queued"
    assert response.json()["error"] is None
    assert "sesame" not in str(Document.objects.values())


def test_a_retry_needs_no_body(editing, workspace, queued):
    document = queued(workspace, status=Status.FAILED)

    assert editing.post(address(workspace, document, "retry/")).status_code == 202


def test_an_impossible_retry_or_cancellation_is_a_conflict(editing, workspace):
    document = make_document(workspace)

    for action, code in (("retry/", "not_failed"), ("cancel/", "not_unfinished")):
        response = editing.post(address(workspace, document, action))
        assert response.status_code == 409
        assert response.json()["code"] == code


def test_a_waiting_document_can_be_cancelled(editing, workspace, queued):
    response = editing.post(address(workspace, queued(workspace), "cancel/"))

    assert response.status_code == 200
    assert response.json()["status"] == "cancelled"


def test_a_viewer_reads_documents_but_cannot_change_one(reading, workspace):
    document = make_document(workspace, chunks=("one",))

    for action in ("", "file/", "chunks/"):
        assert reading.get(address(workspace, document, action)).status_code == 200
    for response in (
        upload(reading, workspace, ("a.txt",)),
        reading.patch(address(workspace, document), {"pinned": True}),
        reading.delete(address(workspace, document)),
        reading.post(address(workspace, document, "retry/")),
        reading.post(address(workspace, document, "cancel/")),
    ):
        assert response.status_code == 403
    assert Document.objects.count() == 1


def test_a_changed_chunk_size_queues_documents_at_once(call, owner, workspace):
    make_document(workspace)
    Document.objects.update(make=make_of(workspace))
    client = call(owner)

    client.patch(f"/api/v1/workspaces/{workspace.slug}/", {"description": "unchanged otherwise"})
    assert Document.objects.get().status == Status.READY

    assert (
        client.patch(f"/api/v1/workspaces/{workspace.slug}/", {"chunk_tokens": 200}).status_code
        == 200
    )
    assert [row["status"] for row in client.get(address(workspace)).json()["results"]] == ["queued"]


def test_a_stranger_gets_404(call, stranger, workspace):
    client = call(stranger)
    document = make_document(workspace)

    for response in (
        client.get(address(workspace)),
        upload(client, workspace, ("a.txt",)),
        client.get(address(workspace, document)),
        client.get(address(workspace, document, "file/")),
        client.get(address(workspace, document, "chunks/")),
        client.patch(address(workspace, document), {"pinned": True}),
        client.delete(address(workspace, document)),
        client.post(address(workspace, document, "retry/")),
        client.post(address(workspace, document, "cancel/")),
    ):
        assert response.status_code == 404
    assert Document.objects.count() == 1


def test_a_visitor_gets_401(call, workspace):
    assert call().get(address(workspace)).status_code == 401
    assert upload(call(), workspace, ("a.txt",)).status_code == 401


def test_a_document_of_another_workspace_is_not_found_here(call, owner, workspace):
    elsewhere = make_workspace(owner=owner)
    document = make_document(elsewhere)

    assert call(owner).get(address(workspace, document)).status_code == 404
    assert call(owner).get(address(elsewhere, document)).status_code == 200


def test_malformed_ids_are_not_found(reading, workspace):
    response = reading.get(f"{address(workspace)}nonsense/")

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


def test_an_action_on_a_deleted_document_is_404(editing, workspace, owner):
    document = make_document(workspace)
    services.delete_document(Document.objects.get(pk=document.pk), by=owner)

    assert editing.post(address(workspace, document, "cancel/")).status_code == 404
