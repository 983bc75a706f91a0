"""Records of runs, progress, and places in the queue."""

import io
import zipfile
from types import SimpleNamespace

import pytest
from support.factories import make_document, make_workspace
from support.failing_call import failing

from ingestion.documents import services
from ingestion.errors.exceptions import UnreadableDocument
from ingestion.models import Document, Run
from ingestion.parsing.archives import unpack as archives
from ingestion.parsing.progress import PagesRead
from ingestion.pipeline import archives as unpacking
from ingestion.pipeline.indexing import index
from ingestion.queue import claims
from ingestion.queue.leases import Lease
from ingestion.queue.run_recorder import MAX_RUNS
from ingestion.views.run_history import told
from ingestion.worker.loop import WorkspaceScheduler
from providers.exceptions import ProviderUnavailable

pytestmark = pytest.mark.django_db
TEXT = "# Wings\n\nLift is what wings make."


def steps(run: Run) -> dict[str, dict[str, object]]:
    return {step.pop("stage"): step for step in run.steps}


def test_a_run_is_recorded_stage_by_stage(claimed):
    document = claimed(TEXT)

    index(document)

    run = document.runs.get()
    assert (run.outcome, run.attempt, run.error) == ("ready", 1, None)
    assert document.claimed_at <= run.began <= run.ended
    found = steps(run)
    assert list(found) == ["wait", "parse", "split", "embed", "index"]
    assert all(step.pop("ms") >= 0 for step in found.values())
    assert found["parse"] == {"pages": None, "elements": 2, "known": False}
    assert found["split"] == {"chunks": 1}
    assert found["embed"] == {"chunks": 1, "model": "tests/model", "known": 0, "without_vector": 0}
    assert found["index"] == {"chunks": 1}


def test_the_run_of_an_archive_counts_its_documents(given, place, monkeypatch):
    def unpack(path, media_type, *, cancelled, **more):
        return archives.unpack(path, media_type, **more)

    monkeypatch.setattr(unpacking, "parser_pool", lambda: SimpleNamespace(unpack=unpack))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.txt", "Lift")
        archive.writestr("b.txt", "Drag")
    services.add_documents(workspace=place, offers=[given("all.zip", content.getvalue())], by=None)
    document = claims.claim_next()

    index(document)

    found = steps(document.runs.get())
    assert list(found) == ["wait", "parse", "index"]
    assert found["index"]["documents"] == 2
    assert told(document)[0].steps[-1].facts == ("2 documents",)


def test_known_vectors_and_texts_are_counted_apart(claimed):
    index(claimed(TEXT, "wings.md"))
    copy = claimed(TEXT, "copy.md")

    index(copy)

    found = steps(copy.runs.get())
    assert (found["parse"]["known"], found["embed"]["known"]) == (True, 1)


def test_the_time_in_the_queue_is_recorded(claimed, given, place):
    services.add_documents(workspace=place, offers=[given("late.txt")], by=None)
    Document.objects.update(due="2026-01-01T00:00Z")
    document = claims.claim_next()

    index(document)

    assert document.waited.days > 0
    assert document.runs.get().steps[0] == {
        "stage": "wait",
        "ms": round(1000 * document.waited.total_seconds()),
    }


def test_a_failure_is_recorded_with_its_reason(claimed, parser):
    parser.before = failing(UnreadableDocument("no_text", "pictures"))
    document = claimed()

    index(document)

    run = document.runs.get()
    assert (run.outcome, run.error["code"], [step["stage"] for step in run.steps]) == (
        "failed", "no_text", ["wait", "parse"],
    )  # fmt: skip


def test_attempts_are_counted_and_old_runs_deleted(claimed, model):
    def down():
        raise ProviderUnavailable("Nobody there.")

    document = claimed()
    for _attempt in range(MAX_RUNS + 2):
        model.before = down
        index(document)
        Document.objects.update(due="2020-01-01T00:00Z", status="queued", attempts=2)
        document = claims.claim_next()
    model.before = lambda: None
    index(document)

    runs = list(document.runs.all())
    assert [run.outcome for run in runs] == ["ready"] + ["postponed"] * (MAX_RUNS - 1)
    assert [run.attempt for run in runs[:2]] == [3, 3]


@pytest.mark.parametrize("noticed", ["by the heartbeat", "on publishing"])
@pytest.mark.parametrize(
    ("action", "outcomes"), [("cancel", ["cancelled"]), ("delete", []), ("take over", [])]
)
def test_the_record_of_a_run_depends_on_how_its_claim_was_lost(
    claimed, model, action, outcomes, noticed
):
    document = claimed()
    lease = Lease(document)
    same = Document.objects.get()
    if action == "cancel":
        services.cancel_document(same)
    elif action == "delete":
        services.delete_document(same, by=None)
    else:
        Document.objects.update(claim="6b1f1f7e-0000-4000-8000-000000000000")
    if noticed == "by the heartbeat":
        lease.renew()

    index(document, lease)

    assert not Document.objects.filter(status="ready").exists()
    assert [run.outcome for run in Run.objects.all()] == outcomes


def test_pages_and_chunks_are_counted_during_indexing(claimed, parser, model, monkeypatch):
    seen: list[tuple[object, ...]] = []
    document = claimed(TEXT)
    lease = Lease(document)

    def look():
        lease.renew()
        now = Document.objects.get()
        seen.append((now.stage, now.done, now.total))

    parse = parser.parse

    def counting(*args, progress, **more):
        progress(PagesRead(3, 12))
        look()
        return parse(*args, progress=lambda share: None, **more)

    monkeypatch.setattr(parser, "parse", counting)
    model.before = look

    index(document, lease)

    assert seen == [("parse", 3, 12), ("embed", 0, 1)]
    assert (Document.objects.get().done, Document.objects.get().total) == (None, None)


def test_only_members_see_the_timeline(claimed, call, place, reader, stranger):
    place.memberships.create(user=reader, role="viewer")
    document = claimed(TEXT)
    index(document)
    address = f"/api/v1/workspaces/{place.slug}/documents/{document.pk}/timeline/"

    answer = call(reader).get(address).json()

    assert answer["next"] is None
    (run,) = answer["results"]
    assert run["outcome"] == "ready"
    assert run["steps"][1]["elements"] == 2
    assert "elements" not in run["steps"][0]
    assert call(stranger).get(address).status_code == 404
    assert not Run.objects.visible_to(stranger).exists()


def test_documents_show_their_place_in_the_workspace_queue(
    workspace, queued, reading, django_assert_max_num_queries
):
    for _ in range(3):
        queued(make_workspace())
    names = [queued(workspace, f"{number}.txt").name for number in range(4)]
    later = queued(workspace, "later.txt", due="2120-01-01T00:00Z")
    make_document(workspace, "ready.txt")
    address = f"/api/v1/workspaces/{workspace.slug}/documents/"

    with django_assert_max_num_queries(8):
        rows = reading.get(address).json()["results"]

    places = {row["name"]: row["place"] for row in rows}
    assert [places[name] for name in names] == [1, 2, 3, 4]
    assert (places["later.txt"], places["ready.txt"]) == (None, None)
    assert reading.get(f"{address}{later.pk}/").json()["place"] is None


def test_the_list_shows_the_progress_of_each_document(workspace, queued, browse, reader):
    queued(workspace, "first.txt")
    queued(workspace, "second.txt")
    queued(workspace, "read.pdf", status="processing", stage="parse", done=3, total=12)
    queued(workspace, "embedded.pdf", status="processing", stage="embed", done=64, total=300)
    queued(workspace, "odd.pdf", status="ready", without_vector=2)

    shown = browse(reader).get(f"/w/{workspace.slug}/documents/").text

    for words in (
        "Queue: 1",
        "Queue: 2",
        "Reading page 3 of 12",
        "Embedding passage 64 of 300",
        "2 passages could not be",
    ):
        assert words in shown


def test_a_long_queue_in_one_workspace_does_not_delay_another(queued, settings):
    busy, other = make_workspace(), make_workspace()
    for _ in range(20):
        queued(busy)
    settings.WORKER_THREADS = 1
    scheduler = WorkspaceScheduler()
    first = scheduler.take()
    single = queued(other)
    scheduler.release(first)

    assert scheduler.take() == [single]
