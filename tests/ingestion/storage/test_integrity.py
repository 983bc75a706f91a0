"""Damaged files: detection, reports, and repair by an upload of the same bytes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ingestion import doctor, tasks
from ingestion.models import Blob, Document
from ingestion.queue import claims
from ingestion.storage import blobs, integrity, parse_cache

RULES = "# Rules\n\nA reader may borrow twelve books."


def flip(path):
    content = bytearray(path.read_bytes())
    content[5] ^= 1
    path.write_bytes(content)


DAMAGES = {
    "flipped": flip,
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "missing": lambda path: path.unlink(),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.fixture
def document(add):
    return add(RULES).document


@pytest.fixture
def path(document):
    return blobs.path_of(document.blob_id)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_each_kind_of_damage_is_noticed_and_named_by_the_doctor(document, path, damage, caplog):
    assert doctor.originals().ok
    Blob.objects.update(checked=None)
    damage(path)

    tasks.maintain_digests()

    document.blob.refresh_from_db()
    assert document.blob.damaged
    assert str(path) in caplog.text
    finding = doctor.originals()
    assert not finding.ok
    assert "1 file is damaged or missing: “rules.md”" in finding.detail


def test_the_doctor_names_the_document_whose_older_version_is_damaged(add, read, document, path):
    read()
    add("# Rules\n\nA reader may borrow ten books.")
    read()
    path.unlink()

    assert "missing: “rules.md”" in doctor.originals().detail


@pytest.mark.parametrize("damage", [flip, DAMAGES["cut short"], DAMAGES["missing"]])
@pytest.mark.parametrize("name", ["rules.md", "copy.md"])
@pytest.mark.parametrize("noticed", [True, False])
def test_the_next_upload_of_the_same_bytes_repairs_the_file(
    add, document, path, damage, name, noticed
):
    damage(path)
    if noticed:
        integrity.check_oldest()

    add(RULES, name)

    assert path.read_text() == RULES
    document.blob.refresh_from_db()
    assert not document.blob.damaged
    assert doctor.originals().ok


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_original_is_not_parsed_and_its_chunks_stay(read, document, path, damage):
    read()
    parse_cache.forget(document.blob_id)
    damage(path)
    claims.requeue(Document.objects.all())

    read()

    document.refresh_from_db()
    assert (document.status, document.error_code) == ("failed", "corrupt")
    assert "Upload the same file again" in document.error["message"]
    assert document.blob.damaged
    assert document.chunks.get().text.endswith("twelve books.")


@pytest.mark.parametrize("name", ["rules.md", "copy.md"])
def test_an_upload_of_the_same_bytes_queues_the_damaged_document(add, read, document, path, name):
    parse_cache.forget(document.blob_id)
    flip(path)
    claims.requeue(Document.objects.all())
    read()

    add(RULES, name)
    read()

    document.refresh_from_db()
    assert (document.status, document.error_code, document.blob.damaged) == ("ready", "", False)


def test_a_file_is_not_read_again_within_a_week(document):
    assert integrity.check_oldest().files == 1
    assert integrity.check_oldest().files == 0

    Blob.objects.update(checked=timezone.now() - timedelta(days=8))

    assert integrity.check_oldest().files == 1


def test_a_check_ends_after_its_time_limit(add):
    for number in range(3):
        add(f"# Rule {number}", f"{number}.md")

    assert integrity.check_oldest(seconds=-1).files == 0


def test_an_upload_during_a_check_is_not_taken_for_damage(document, path, monkeypatch):
    content = path.read_bytes()
    flip(path)
    lock = blobs.lock
    monkeypatch.setattr(blobs, "lock", lambda sha256: (path.write_bytes(content), lock(sha256)))

    assert integrity.check(document.blob_id)
    document.blob.refresh_from_db()
    assert not document.blob.damaged


def test_the_page_of_a_damaged_document_explains_the_repair(browse, add, owner, path, document):
    Blob.objects.update(damaged=True)
    document.workspace.memberships.create(user=owner, role="viewer")

    page = (
        browse(owner).get(f"/w/{document.workspace.slug}/documents/{document.pk}/").content.decode()
    )

    assert "The stored original is damaged. Upload the same file again" in page
