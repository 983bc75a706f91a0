"""The cache of parsed documents: keys, invalidation and purging."""

import os
import time

import pytest
from support.factories import make_workspace
from support.failing_call import failing

from ingestion.documents import purging, services
from ingestion.models import Blob, Document
from ingestion.parsing.options import Options
from ingestion.parsing.parsed import Box, ElementRow, ParsedDocument
from ingestion.pipeline.indexing import index
from ingestion.queue import claims
from ingestion.storage import blobs, parse_cache
from ingestion.storage.parse_cache import CachedParse
from providers.exceptions import ProviderUnavailable

pytestmark = pytest.mark.django_db
TEXT = "# Wings\n\nLift is what wings make."
PARSED = ParsedDocument(
    (ElementRow("Table", "| 表 |", 2, None, Box(0.1, 0.2, 0.3, 0.4)),), "A title", 3
)


@pytest.fixture
def parses(parser):
    """The number of times that documents were parsed, as a list of ones."""
    done: list[int] = []
    parser.before = lambda: done.append(1)
    return done


@pytest.fixture
def reading(db):
    def reading(blob="ab" * 32, **changed) -> CachedParse:
        Blob.objects.get_or_create(sha256=blob, size=1)
        known = {
            "workspace": make_workspace().pk,
            "media_type": "text/plain",
            "name": "a.txt",
            "options": Options(),
        }
        return CachedParse(blob=blob, **{**known, **changed})

    return reading


def kept_files(data_dir):
    return [path for path in (data_dir / "parsed").rglob("*") if path.is_file()]


def indexed(document: Document) -> Document:
    index(document)
    document.refresh_from_db()
    assert document.status == Document.Status.READY
    return document


def test_a_cached_parsed_document_is_read_back_unchanged(reading):
    one = reading()
    assert one.load() is None

    one.save(PARSED)

    assert one.load() == PARSED


def test_each_parsing_input_has_a_separate_cache_entry(reading):
    one = reading()
    one.save(PARSED)
    same = {"workspace": one.workspace}

    assert reading(**same, name="another.TXT").load() == PARSED
    for other in (
        reading(),
        reading("cd" * 32, **same),
        reading(**same, media_type="text/csv"),
        reading(**same, name="a.py"),
        reading(**same, name="Makefile"),
        reading(**same, options=Options(ocr=False)),
    ):
        assert other.load() is None


def test_a_changed_parser_invalidates_the_cache(reading, monkeypatch):
    one = reading()
    one.save(PARSED)

    monkeypatch.setattr(parse_cache, "_parsers_digest", lambda: "of tomorrow")

    assert one.load() is None


@pytest.mark.parametrize("content", [b"", b"no zlib", b"x\x9cK"])
def test_a_damaged_cache_entry_is_ignored(reading, content):
    one = reading()
    one.save(PARSED)
    one.path.write_bytes(content)

    assert one.load() is None
    assert not one.path.exists()


def test_an_unwritable_cache_does_not_stop_indexing(reading, data_dir):
    (data_dir / "parsed").write_text("in the way")

    one = reading()
    one.save(PARSED)

    assert one.load() is None
    assert (data_dir / "parsed").read_text() == "in the way"


def test_a_changed_chunk_size_uses_the_cache(claimed, parses, place):
    indexed(claimed(TEXT))
    place.chunk_tokens = 60
    place.save()
    services.requeue_outdated(place)

    indexed(claims.claim_next())

    assert len(parses) == 1


def test_a_retry_after_a_model_failure_uses_the_cache(claimed, parses, model):
    model.before = failing(ProviderUnavailable("Nobody there."))
    index(claimed(TEXT))
    model.before = lambda: None
    Document.objects.update(due="2020-01-01T00:00Z")

    indexed(claims.claim_next())

    assert len(parses) == 1


def test_the_same_bytes_under_another_name_use_the_cache(claimed, parses):
    indexed(claimed(TEXT, "wings.md"))
    copy = indexed(claimed(TEXT, "copy of wings.md"))

    assert len(parses) == 1
    assert copy.title == "Wings"


def test_deleted_bytes_that_are_uploaded_again_use_the_cache(claimed, parses):
    services.delete_document(indexed(claimed(TEXT)), by=None)

    indexed(claimed(TEXT))

    assert len(parses) == 1


def test_documents_opened_by_a_password_are_not_cached(claimed, parses, data_dir):
    document = claimed(TEXT)
    Document.objects.update(status="failed")
    services.retry_document(document, password="open sesame")

    indexed(claims.claim_next())

    assert len(parses) == 1
    assert kept_files(data_dir) == []


def test_purged_bytes_take_their_cache_entries_along(claimed, data_dir):
    document = indexed(claimed(TEXT))
    assert len(kept_files(data_dir)) == 1
    services.delete_document(document, by=None)
    Blob.objects.update(created="2020-01-01T00:00Z")

    purging.purge_bytes()

    assert kept_files(data_dir) == []
    assert not blobs.path_of(document.blob_id).exists()


def test_an_entry_written_after_its_bytes_were_purged_is_deleted(
    claimed, parser, monkeypatch, data_dir
):
    keep = CachedParse.save

    def keep_too_late(one: CachedParse, parsed: ParsedDocument) -> None:
        services.delete_document(document, by=None)
        Blob.objects.update(created="2020-01-01T00:00Z")
        purging.purge_bytes()
        keep(one, parsed)

    monkeypatch.setattr(CachedParse, "save", keep_too_late)
    document = claimed(TEXT)
    index(document)
    assert len(kept_files(data_dir)) == 1

    purging.purge_bytes()

    assert kept_files(data_dir) == []


def test_a_partial_cache_entry_is_deleted_with_its_bytes(reading, monkeypatch, data_dir):
    one = reading()

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(parse_cache.os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        one.save(PARSED)
    assert len(kept_files(data_dir)) == 1
    Blob.objects.all().delete()

    parse_cache.purge()

    assert kept_files(data_dir) == []


def test_unused_cache_entries_are_purged(reading):
    asked, forgotten = reading(), reading()
    for one in (asked, forgotten):
        one.save(PARSED)
        os.utime(one.path, (0, time.time() - parse_cache.UNUSED_SECONDS - 60))
    asked.load()

    assert purging.purge_bytes() == 1

    assert asked.load() == PARSED
    assert forgotten.load() is None


def test_the_least_used_entries_beyond_the_size_limit_are_purged(reading, settings):
    readings = [reading() for _ in range(3)]
    for age, one in enumerate(readings):
        one.save(PARSED)
        os.utime(one.path, (0, time.time() - 100 * age))
    settings.PARSED_TEXTS_BYTES = 2 * readings[0].path.stat().st_size

    assert parse_cache.purge() == 1

    assert [one.path.exists() for one in readings] == [True, True, False]
