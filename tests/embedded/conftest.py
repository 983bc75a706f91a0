"""Folders for the embedded database, and a connection to it."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from embedded.postgres.server import SOCKET_PORT, socket_dir


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder open to all system users, one of which owns the database under root."""
    folder = Path(tempfile.mkdtemp(prefix="rr-embedded-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def home(place: Path) -> Path:
    """An unused DATA_DIR."""
    return place / "var"


@pytest.fixture
def ask():
    """Run one statement in the database of a DATA_DIR and return the first row, if there is one."""

    def ask(data_dir: Path, statement: str) -> tuple[object, ...] | None:
        with psycopg.connect(
            host=str(socket_dir(data_dir)), port=SOCKET_PORT, user="postgres", dbname="postgres"
        ) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchone() if cursor.description else None

    return ask
