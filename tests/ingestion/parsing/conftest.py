"""Readers are tested as they are used: in a child process, with one pool for all tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.element_kinds import kind

from ingestion.parsing import detect_media_type
from ingestion.parsing.parsed import ParsedDocument
from ingestion.parsing.sandbox.pool import Limits, ParserPool

Read = Callable[..., ParsedDocument]


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """The folder of small documents that were made for these tests."""
    return Path(__file__).parents[2] / "fixtures"


@pytest.fixture(scope="session")
def pool() -> Iterator[ParserPool]:
    with ParserPool(size=2, limits=Limits(seconds=60)) as pool:
        yield pool


@pytest.fixture
def read(pool: ParserPool, fixtures: Path) -> Read:
    """Read a fixture by name, or any path."""

    def read(where: str | Path, **options: object) -> ParsedDocument:
        path = fixtures / where
        return pool.parse(path, detect_media_type(path, path.name), name=path.name, **options)

    return read


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str, bytes], Path]:
    """Write a file for one test."""

    def written(name: str, data: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return written


@pytest.fixture(scope="session")
def outline() -> Callable[[ParsedDocument], list[tuple[str, str]]]:
    """Return the elements as kinds and texts."""

    def outline(parsed: ParsedDocument) -> list[tuple[str, str]]:
        return [(kind(element), element.text) for element in parsed.elements]

    return outline
