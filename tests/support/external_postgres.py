"""A PostgreSQL that others would run: over TCP, by password, with a user who owns one database and nothing else."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from support.stack import free_port

from embedded.postgres import cluster
from embedded.postgres.server import PostgresServer, socket_dir

PASSWORD = "p@ss/word"
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


@dataclass
class ExternalDatabase:
    """The server, and the address of its one database."""

    folder: Path
    port: int = field(default_factory=free_port)
    url: str = field(init=False)
    server: PostgresServer = field(init=False)

    def __post_init__(self) -> None:
        self.url = f"postgres://room:p%40ss%2Fword@127.0.0.1:{self.port}/room"
        self.server = PostgresServer(self.folder, {**OPTIONS, "port": str(self.port)})

    def make(self) -> None:
        """Make the files, the user and the database."""
        self.folder.mkdir(mode=0o755)
        cluster.ensure(self.folder)
        rules = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
        (cluster.folder(self.folder) / "pg_hba.conf").write_text(rules, encoding="ascii")
        (self.folder / "logs").mkdir()
        self.server.start()
        self.administer(f"CREATE ROLE room LOGIN PASSWORD '{PASSWORD}'")
        self.administer("CREATE DATABASE room OWNER room")

    def administer(self, statement: str, database: str = "postgres") -> None:
        """Run a statement as the administrator of the database."""
        where = {
            "host": str(socket_dir(self.folder)),
            "port": self.port,
            "user": cluster.DATABASE_USER,
            "dbname": database,
        }
        with psycopg.connect(**where, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def external_database() -> Iterator[ExternalDatabase]:
    """An empty database on a server of the administrator."""
    with tempfile.TemporaryDirectory(prefix="rr-external-", ignore_cleanup_errors=True) as folder:
        os.chmod(
            folder, 0o755
        )  # As root the database belongs to another system user, who must get in.
        database = ExternalDatabase(Path(folder) / "pg")
        try:
            database.make()
            yield database
        finally:
            database.server.stop()
