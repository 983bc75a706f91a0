"""A first load of many small documents, by command and through the API: does it hold its rate, and do others wait?

Meanwhile a neighbour in another workspace adds one document after the other and waits until each
can be found. The embedding server costs nothing, so only our own work is measured.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg
from bench.ingest import connected, one, prose, workspace
from bench.no_cost import no_cost
from support.running_server import Server, running
from support.stack import ROOT

DOCUMENTS = int(os.environ.get("DOCUMENTS", 10_000))
LETTERS = 1_500
PER_REQUEST = 50
UPLOADS_AT_ONCE = 2
PARTS = 10
PAUSE = 5.0  # Seconds between two documents of the other workspace.


def main() -> None:
    """Load twice, each time on an empty server."""
    for way in (by_command, through_the_api):
        with no_cost() as url, running(WORKER_PROCESSES="") as server:
            token = server.token()
            slug, other = (workspace(server, token, url, name) for name in ("Many", "Other"))
            print(
                f"{DOCUMENTS} documents of {LETTERS} letters {way.__name__.replace('_', ' ')}",
                flush=True,
            )
            with neighbour(server, token, other) as waits:
                held = rates(server, slug, partial(way, server, token, slug))
            print(f"   the last part at {held[-1] / held[1]:.2f} times the rate of the second")
            print(f"   another workspace's document: {len(waits)} times, p50 {sorted(waits)[len(waits) // 2]:.1f} s,"
                  f" longest {max(waits):.1f} s", flush=True)  # fmt: skip


def rates(server: Server, slug: str, load: Callable[[], None]) -> list[float]:
    """Load; print and return how many documents a second were ready in each part of the way."""
    began, found = time.monotonic(), []
    last, done = began, 0
    with ThreadPoolExecutor(1) as thread, connected(server) as database:
        loading = thread.submit(load)
        for part in range(1, PARTS + 1):
            while (ready := _ready(database, slug)) < DOCUMENTS * part // PARTS:
                assert not loading.done() or loading.exception() is None, loading.exception()
                time.sleep(0.5)
            now = time.monotonic()
            found.append((ready - done) / (now - last))
            last, done = now, ready
        loading.result()
    print(
        f"   {DOCUMENTS / (last - began):.1f} documents/s; by part: {' '.join(f'{rate:.0f}' for rate in found)}"
    )
    return found


def _ready(database: "psycopg.Connection[tuple[int]]", slug: str) -> int:
    return one(
        database,
        "SELECT count(*) FROM ingestion_document d JOIN workspaces_workspace w ON w.id = d.workspace_id"
        f" WHERE w.slug = '{slug}' AND d.status = 'ready'",
    )


def by_command(server: Server, token: str, slug: str) -> None:
    """Load a folder with `manage.py ingest`."""
    with tempfile.TemporaryDirectory(prefix="rr-first-load-") as folder:
        for name, content in _documents():
            path = Path(folder) / name[:6] / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        command = [sys.executable, str(ROOT / "manage.py"), "ingest", folder, "--workspace", slug]
        subprocess.run(command, env=server.environment, check=True, capture_output=True)


def through_the_api(server: Server, token: str, slug: str) -> None:
    """Load with several requests at a time."""
    documents = list(_documents())
    parts = [documents[first : first + PER_REQUEST] for first in range(0, DOCUMENTS, PER_REQUEST)]
    with ThreadPoolExecutor(UPLOADS_AT_ONCE) as threads:
        list(threads.map(lambda part: server.upload(slug, part, token), parts))


def _documents() -> Iterator[tuple[str, bytes]]:
    for number in range(DOCUMENTS):
        yield f"n{number:05}.txt", prose(f"first {number}", LETTERS).encode()


@contextmanager
def neighbour(server: Server, token: str, slug: str) -> Iterator[list[float]]:
    """Add one document after the other beside; yield the seconds until each was ready."""
    waits: list[float] = []
    over = threading.Event()

    def add() -> None:
        while not over.wait(PAUSE):
            began = time.monotonic()
            server.upload(
                slug,
                [(f"one-{len(waits)}.txt", prose(f"one {len(waits)}", LETTERS).encode())],
                token,
            )
            server.wait_until_indexed(slug, token)
            waits.append(time.monotonic() - began)

    thread = threading.Thread(target=add)
    thread.start()
    try:
        yield waits
    finally:
        over.set()
        thread.join()
