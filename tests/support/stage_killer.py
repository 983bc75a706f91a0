"""Kills the worker of a server while a document is in a certain stage, one stage after the other.

A stage is seen from outside: in the document's row, in what the database does right now, on the
disk. Whether anything was lost or left behind by it is looked for in `intact`.
"""

import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from support.running_server import Database, Server
from support.stack import wait_until

STAGES = (
    "claimed",
    "reading",
    "splitting",
    "embedding",
    "storing",
    "storing a new version",
    "unpacking",
    "taking in",
)
LOOK_EVERY = 0.002
LOOK_UP_EVERY = 5.0
SECONDS = 900.0
# `embedding` is seen once vectors are kept for another try, `storing` while the database takes in
# chunks, often before the row says so. What a worker that is dead by now wrote stands in the rows
# until its lease ends, to be left out here.
SEEN = """
WITH copying AS (
    SELECT count(*) > 0 AS now FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'COPY ingestion\\_%%'
), working AS (
    SELECT document.*, media_type = 'application/zip' AS is_archive,
        EXISTS (SELECT FROM ingestion_document member WHERE member.archive_id = document.id) AS has_members,
        EXISTS (
            SELECT FROM ingestion_unpublishedvector vector
            WHERE vector.document_id = document.id AND vector.created > document.claimed_at
        ) AS has_vectors
    FROM ingestion_document document WHERE status = 'processing' AND NOT claim = ANY(%s)
)
SELECT claim, CASE
    WHEN is_archive AND has_members THEN 'taking in'
    WHEN is_archive THEN 'unpacking'
    WHEN stage IN ('embed', 'index') AND copying.now AND chunk_count > 0 THEN 'storing a new version'
    WHEN stage IN ('embed', 'index') AND copying.now THEN 'storing'
    WHEN stage = 'embed' AND has_vectors THEN 'embedding'
    WHEN stage = 'split' THEN 'splitting'
    WHEN stage = 'parse' AND progress > 0 THEN 'reading'
    WHEN claimed_at > statement_timestamp() - interval '50 ms' THEN 'claimed'
END FROM working, copying
"""


@dataclass
class Killer:
    """Watches the documents of a server, and kills its worker."""

    server: Server
    killed: list[int] = field(default_factory=list)
    """The workers."""
    too_late: int = 0
    """How often a document seen in the stage was finished by the time of the kill, which then does not count."""
    _abandoned: set[object] = field(default_factory=set)
    _left_behind: set[Path] = field(default_factory=set)

    def kill_in_each(
        self, more: Callable[[], None], stages: Sequence[str] = STAGES
    ) -> dict[str, float]:
        """Kill the worker once in each stage; return after how many seconds. `more` adds documents that pass them."""
        began, when = time.monotonic(), dict[str, float]()
        with self.server.database() as database:
            while left := set(stages) - when.keys():
                assert time.monotonic() < began + SECONDS, f"never seen: {left}"
                if not _documents(database, "status IN ('queued', 'processing')"):
                    more()
                worker = self.server.parts()["worker"]
                stage, claims = self._wait_for(left, database)
                if stage and self._kill(worker, claims, database):
                    when[stage] = time.monotonic() - began
        return when

    def _wait_for(self, stages: set[str], database: Database) -> tuple[str, set[object]]:
        """Return a stage and the claims of documents that are in it; "" after a while in which there are none."""
        deadline = time.monotonic() + LOOK_UP_EVERY
        while time.monotonic() < deadline:
            rows = database.execute(SEEN, [list(self._abandoned)]).fetchall()
            for stage in {stage for _claim, stage in rows if stage in stages}:
                if stage != "unpacking" or self._folders() - self._left_behind:
                    return str(stage), {claim for claim, others in rows if others == stage}
            time.sleep(LOOK_EVERY)
        return "", set()

    def _kill(self, worker: int, claims: set[object], database: Database) -> bool:
        """Kill the worker and wait for the next; False where a document was out of its hands by then."""
        os.kill(worker, signal.SIGKILL)
        self.killed.append(worker)
        wait_until(lambda: self.server.parts().get("worker", worker) != worker)
        unfinished = _documents(database, "status = 'processing'")
        self._abandoned |= unfinished
        self._left_behind |= self._folders()
        self.too_late += not claims <= unfinished
        return claims <= unfinished

    def _folders(self) -> set[Path]:
        """Return the folders of archives that are being unpacked, as far as anything is in them."""
        return {path.parent for path in self.server.data_dir.glob("tmp/unpacking-*/*")}


def _documents(database: Database, condition: str) -> set[object]:
    """Return the claims of documents, None for those that are not claimed."""
    return {
        claim
        for (claim,) in database.execute(
            f"SELECT DISTINCT claim FROM ingestion_document WHERE {condition}"
        )
    }
