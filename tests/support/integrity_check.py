"""Whether a server's documents, index and files belong together: nothing twice, nothing lost, nothing left behind.

Looked at from outside, in the database and on the disk, when no document is in work.
"""

import hashlib
import os
import time
from collections import Counter

import psutil
from support.running_server import Database, Server

LONG_AGO = 40 * 24 * 60 * 60  # Seconds: older than anything that is kept for a time.
OF_A_PARSE = "ingestion.parsing.sandbox.worker"
PURGE = "from ingestion.tasks import maintain_bytes; maintain_bytes()"

# What each of these finds must not be there.
WRONG_ROWS = {
    "documents that have not ended": """
        SELECT name, status, stage, error_code FROM ingestion_document WHERE status NOT IN ('ready', 'failed')
            OR claim IS NOT NULL OR stage IS NOT NULL OR (status = 'failed' AND error_code = '')""",
    "documents with other chunks than they say": """
        SELECT name FROM ingestion_document document WHERE chunk_count <> (
            SELECT count(*) FROM ingestion_chunk chunk WHERE chunk.document_id = document.id)""",
    "documents whose chunks are not numbered from 0": """
        SELECT document_id FROM ingestion_chunk GROUP BY document_id
            HAVING min(position) <> 0 OR max(position) + 1 <> count(DISTINCT position)
                OR count(*) <> count(DISTINCT position)""",
    "chunks without a document": """
        SELECT id FROM ingestion_chunk chunk
            WHERE NOT EXISTS (SELECT FROM ingestion_document document WHERE document.id = chunk.document_id)""",
    "chunks that have not one vector": """
        SELECT id FROM ingestion_chunk chunk WHERE 1 <> (
            SELECT count(*) FROM ingestion_embedding embedding WHERE embedding.chunk_id = chunk.id)""",
    "vectors without a chunk": """
        SELECT id FROM ingestion_embedding embedding
            WHERE NOT EXISTS (SELECT FROM ingestion_chunk chunk WHERE chunk.id = embedding.chunk_id)""",
    "vectors kept for another try of what is ready": """
        SELECT vector.id FROM ingestion_unpublishedvector vector JOIN ingestion_document document
            ON document.id = vector.document_id WHERE status = 'ready'""",
    "ready documents that were not made ready once": """
        SELECT name, version, array(SELECT outcome FROM ingestion_run WHERE document_id = document.id ORDER BY id)
        FROM ingestion_document document WHERE status = 'ready' AND version <> (
            SELECT count(*) FROM ingestion_run run WHERE run.document_id = document.id AND outcome = 'ready')""",
    "documents that failed otherwise than their last run": """
        SELECT name FROM ingestion_document document WHERE status = 'failed' AND error_code <> 'worker_died'
            AND error_code <> (SELECT error_code FROM ingestion_run run
                WHERE run.document_id = document.id ORDER BY id DESC LIMIT 1)""",
    "versions whose chunks were set aside not once": """
        SELECT version_id, position FROM ingestion_pastchunk
            GROUP BY version_id, position HAVING count(*) > 1""",
    "documents twice out of one archive": """
        SELECT name FROM ingestion_document WHERE archive_id IS NOT NULL
            GROUP BY archive_id, name HAVING count(*) > 1""",
    "archives that did not give what they say": """
        SELECT name FROM ingestion_document archive
        WHERE contents IS NOT NULL AND (contents->>'documents')::int <> (
            SELECT count(*) FROM ingestion_document member WHERE member.archive_id = archive.id)""",
}  # fmt: skip
BYTES_OF_NOBODY = """
SELECT count(*) FROM ingestion_blob blob
WHERE NOT EXISTS (SELECT FROM ingestion_document WHERE blob_id = blob.sha256)
        AND NOT EXISTS (SELECT FROM ingestion_version WHERE blob_id = blob.sha256)
"""
TIMES = (
    "UPDATE ingestion_blob SET created = created - interval '40 days'",
    "UPDATE ingestion_unpublishedvector SET created = created - interval '40 days'",
)
TEXTS = """
SELECT document.name, string_agg(chunk.position || chunk.text, '' ORDER BY chunk.position)
FROM ingestion_document document JOIN ingestion_chunk chunk ON chunk.document_id = document.id
JOIN workspaces_workspace workspace ON workspace.id = document.workspace_id
WHERE slug = %s GROUP BY document.id
"""


def check_rows(server: Server) -> None:
    """Nothing in the database is wrong."""
    with server.database() as database:
        wrong = {
            what: found
            for what, query in WRONG_ROWS.items()
            if (found := database.execute(query).fetchmany(5))
        }
    assert not wrong, wrong


def texts(server: Server, slug: str, *, leaving_out: str) -> dict[str, str]:
    """Return digests of the chunks of each document of a workspace, by its name, but for certain words in both."""
    with server.database() as database:
        rows = database.execute(TEXTS, [slug]).fetchall()
    found = dict[str, str]()
    for name, text in rows:
        assert name not in found, name
        words = str(text).replace(leaving_out, "")
        found[str(name).replace(leaving_out, "")] = hashlib.sha256(words.encode()).hexdigest()
    return found


def left_behind(server: Server) -> Counter[str]:
    """Return the files on disk that no row refers to, by kind."""
    files = [path for path in (server.data_dir / "tmp").rglob("*") if path.is_file()]
    half = (server.data_dir / "parsed").rglob("*.part")
    kinds = [path.relative_to(server.data_dir / "tmp").parts[0].split("-")[0] for path in files]
    return Counter([*kinds, *("half-written texts" for _path in half)])


def check_files(server: Server) -> None:
    """After a purge, a month from now, exactly the bytes that documents have are on the disk, and nothing else."""
    with server.database() as database:
        _let_time_pass(server, database)
        done = server.run("shell", "--verbosity", "0", "-c", PURGE)
        assert done.returncode == 0, done.stderr
        assert _one(database, BYTES_OF_NOBODY) == 0
        assert _one(database, "SELECT count(*) FROM ingestion_unpublishedvector") == 0
        kept = {str(row[0]) for row in database.execute("SELECT sha256 FROM ingestion_blob")}
    files = {path.name: path for path in (server.data_dir / "blobs").glob("??/??/*")}
    assert files.keys() == kept, (
        f"{len(files.keys() - kept)} files too many, {len(kept - files.keys())} missing"
    )
    for name, path in files.items():
        with path.open("rb") as file:
            assert hashlib.file_digest(file, "sha256").hexdigest() == name
    assert not left_behind(server), left_behind(server)
    assert not list((server.data_dir / "tmp").iterdir())


def orphans(workers: list[int]) -> list[psutil.Process]:
    """Return parsing children whose worker is dead."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if OF_A_PARSE in words and int(words[-1]) in workers:
            found.append(process)
    return found


def _let_time_pass(server: Server, database: Database) -> None:
    for statement in TIMES:
        database.execute(statement)
    before = time.time() - LONG_AGO
    for folder in ("tmp", "blobs", "parsed"):
        for path in [*(server.data_dir / folder).rglob("*")]:
            os.utime(path, (before, before))


def _one(database: Database, query: str) -> int:
    row = database.execute(query).fetchone()
    assert row is not None
    assert isinstance(row[0], int)
    return row[0]
