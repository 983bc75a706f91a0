"""Fixtures of the pipeline tests: archives that are unpacked in this process."""

import pytest
from support.archive_files import zipped
from support.archive_members import unpack

from ingestion.documents import services
from ingestion.models import Document
from ingestion.parsing.archives import unpack as archives
from ingestion.pipeline import archives as unpacking


class Pool:
    """Unpacks in this process; `before` is called first."""

    def __init__(self) -> None:
        self.before = lambda: None

    def unpack(self, path, media_type, *, cancelled, **more):
        self.before()
        return archives.unpack(path, media_type, **more)


@pytest.fixture
def pool(monkeypatch) -> Pool:
    pool = Pool()
    monkeypatch.setattr(unpacking, "parser_pool", lambda: pool)
    return pool


@pytest.fixture
def add_archive(pool, workspace, editor, given):
    """Return a function that adds an archive and unpacks it."""

    def add(members: dict[str, bytes], name: str = "all.zip") -> Document:
        (outcome,) = services.add_documents(
            workspace=workspace, offers=[given(name, zipped(members))], by=editor
        )
        return unpack(outcome.document)

    return add
