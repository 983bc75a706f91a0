import pytest
from django.db import OperationalError
from support.watched_share import error, look, write

from ingestion.models.sources import WatchedFile
from ingestion.sources.folders import sync

pytestmark = pytest.mark.django_db


@pytest.fixture
def fails(monkeypatch):
    """Return a function that makes every attempt to add `inner/two.txt` fail with an error."""
    placed = sync._add

    def fails(error: Exception) -> None:
        def add(folder, row, received):
            placed(folder, row, received)
            if row.path == "inner/two.txt":
                raise error

        monkeypatch.setattr(sync, "_add", add)

    return fails


def test_an_error_of_one_file_stops_no_other(folder, fails):
    fails(ValueError("nobody expected this"))

    assert set(look(folder)) == {"share/one.txt"}
    assert error(folder) == ""
    assert WatchedFile.objects.get(path="inner/two.txt").error["code"] == "file_failed"
    assert WatchedFile.objects.get(path="one.txt").error is None


def test_a_file_with_an_unexpected_error_is_tried_again(folder, fails, monkeypatch):
    fails(ValueError("nobody expected this"))
    look(folder)
    monkeypatch.undo()

    assert "share/inner/two.txt" in look(folder)
    assert WatchedFile.objects.get(path="inner/two.txt").error is None


def test_a_failed_new_version_leaves_the_document(folder, share, fails, monkeypatch):
    before = look(folder)["share/inner/two.txt"]
    write(share / "inner" / "two.txt", "Drag is what nobody wants.", age=60)
    fails(ValueError("nobody expected this"))

    assert look(folder)["share/inner/two.txt"].blob_id == before.blob_id
    monkeypatch.undo()

    assert look(folder)["share/inner/two.txt"].version == 2


def test_a_repeated_error_is_logged_once(folder, fails, caplog):
    fails(ValueError("nobody expected this"))

    look(folder)
    look(folder)

    assert [
        record.levelname for record in caplog.records if "inner/two.txt" in record.message
    ].count("ERROR") == 1


def test_an_unavailable_database_ends_the_scan_without_file_errors(folder, fails):
    fails(OperationalError("the connection is lost"))

    with pytest.raises(OperationalError):
        look(folder)
    assert not WatchedFile.objects.exclude(error_code="").exists()
