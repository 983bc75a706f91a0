import json
import os
import sys

import pytest
from django.core.management import CommandError, call_command
from support.factories import make_workspace

from embedded.health.heartbeat import stopping
from ingestion.documents.local_files import FileOnDisk
from ingestion.management import loading
from ingestion.models import Document
from ingestion.worker import wait

Status = Document.Status
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def workspace():
    return make_workspace("Library")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "given" / "inner").mkdir(parents=True)
    (tmp_path / "given" / "one.txt").write_text("Lift is what wings make.")
    (tmp_path / "given" / "inner" / "two.md").write_text("# 机翼\n\n升力由机翼产生。")
    (tmp_path / "given" / ".hidden").write_text("not a document")
    return tmp_path / "given"


@pytest.fixture(autouse=True)
def _not_stopping():
    yield
    stopping.clear()


def ingest(capsys, *arguments: object) -> dict[str, object]:
    call_command("ingest", *map(str, arguments), "--json")
    return json.loads(capsys.readouterr().out)


def test_files_and_folders_are_read_without_a_worker(capsys, workspace, folder):
    rows = ingest(capsys, folder, folder / "one.txt", "--workspace", workspace.slug)["results"]

    assert [row["name"] for row in rows] == ["one.txt", "inner/two.md", "one.txt"]
    assert {row["status"] for row in rows} == {"ready"}
    assert [row.get("duplicate", False) for row in rows] == [False, False, True]
    assert Document.objects.get(name="inner/two.md").chunks.get().headings == ["机翼"]


def test_ingest_with_no_wait_returns_with_queued_documents(capsys, workspace, folder):
    rows = ingest(capsys, folder, "--workspace", workspace.slug, "--no-wait")["results"]

    assert {row["status"] for row in rows} == {"queued"}


def test_waiting_starts_no_thread_while_a_worker_is_alive(capsys, workspace, folder, monkeypatch):
    monkeypatch.setattr(wait, "last_heartbeat_age", lambda *_: 0.5)
    monkeypatch.setattr(wait, "POLL_SECONDS", 0.01)
    threads: list[None] = []
    monkeypatch.setattr(wait, "_work", lambda: threads.append(None))

    def seen(left):
        Document.objects.update(status=Status.READY)

    call_command("ingest", folder, "--workspace", workspace.slug, "--no-wait")
    wait.wait_for(set(Document.objects.values_list("pk", flat=True)), seen=seen)

    assert not Document.objects.exclude(status=Status.READY).exists()
    assert threads == []


def test_an_unreadable_file_is_one_line_and_a_failure(capsys, workspace, folder):
    (folder / "empty.txt").write_bytes(b"")

    with pytest.raises(CommandError, match=r"^1 of 3 documents failed\.$"):
        call_command("ingest", str(folder), "--workspace", workspace.slug)

    out = capsys.readouterr().out
    assert "1 × This file is empty" in out
    assert "(empty.txt)" in out
    assert "Ready: 2" in out


def test_existing_documents_are_neither_copied_nor_parsed_again(
    capsys, workspace, folder, monkeypatch
):
    ingest(capsys, folder, "--workspace", workspace.slug)
    (folder / "three.txt").write_text("Drag is what wings also make.")
    (folder / "one.txt").write_text("Lift is what wings make, mostly.")
    copied = []
    monkeypatch.setattr(FileOnDisk, "received", noting(copied, FileOnDisk.received))

    rows = ingest(capsys, folder, "--workspace", workspace.slug)["results"]

    assert sorted(copied) == ["one.txt", "three.txt"]
    assert {row["name"]: row.get("duplicate", False) for row in rows} == {
        "one.txt": False,
        "three.txt": False,
        "inner/two.md": True,
    }


def noting(names, function):
    def noted(file):
        names.append(file.name)
        return function(file)

    return noted


def test_files_are_looked_up_in_batches(capsys, workspace, folder, monkeypatch):
    monkeypatch.setattr(loading, "FILE_BATCH_SIZE", 3)
    monkeypatch.setattr(loading, "QUERY_BATCH_SIZE", 2)
    for number in range(7):
        (folder / f"more{number}.txt").write_text(f"Document {number} of many.")

    rows = ingest(capsys, folder, "--workspace", workspace.slug)["results"]

    assert len(rows) == 9
    assert {row["status"] for row in rows} == {"ready"}


def test_reasons_are_counted_with_a_few_examples(capsys, workspace, folder):
    for number in range(5):
        (folder / f"empty{number}.txt").write_bytes(b"")
    (folder / "program.txt").write_bytes(b"\x7fELF" + b"\x00" * 60)

    with pytest.raises(CommandError, match=r"^6 of 8 documents failed\.$"):
        call_command("ingest", str(folder), "--workspace", workspace.slug)

    out = capsys.readouterr().out
    assert "5 × This file is empty" in out
    assert "(empty0.txt, empty1.txt, empty2.txt, …)" in out
    assert "1 × This file is a program" in out


def test_a_progress_bar_is_drawn_on_a_terminal(capsys, workspace, folder, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)

    call_command("ingest", str(folder), "--workspace", workspace.slug)

    drawn = capsys.readouterr().err
    assert "2/2  2 added  0 failed" in drawn
    assert drawn.endswith("left\n")


def test_a_named_pipe_is_skipped(capsys, workspace, folder):
    os.mkfifo(folder / "pipe.txt")

    rows = ingest(capsys, folder, "--workspace", workspace.slug, "--no-wait")["results"]

    assert len(rows) == 2


@pytest.mark.parametrize(
    ("path", "slug", "line"),
    [
        ("given", "nowhere", "There is no workspace “nowhere”."),
        ("missing", None, "The file or folder .*missing does not exist."),
        ("given/nothing", None, "The folder contains no files."),
    ],
)
def test_failure_is_one_clear_line(workspace, folder, path, slug, line):
    (folder / "nothing").mkdir()

    with pytest.raises(CommandError, match=line):
        call_command("ingest", str(folder.parent / path), "--workspace", slug or workspace.slug)


@pytest.mark.parametrize(
    ("choice", "versions", "row"),
    [("version", [1, 2], {}), ("keep", [1, 1, 1], {}), ("skip", [1, 1], {"skipped": True})],
)
def test_on_conflict_applies_to_taken_names(capsys, workspace, folder, choice, versions, row):
    ingest(capsys, folder, "--workspace", workspace.slug)
    (folder / "one.txt").write_text("Lift is what wings make, mostly.")

    rows = ingest(capsys, folder, "--workspace", workspace.slug, "--on-conflict", choice)["results"]

    assert sorted(Document.objects.values_list("version", flat=True)) == versions
    assert row.items() <= next(row for row in rows if row["name"] == "one.txt").items()
