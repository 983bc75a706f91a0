"""How fast a mixed load is ready with an embedding server of no cost, into an empty workspace and into a large one.

200 texts of 8 KB, 30 Word documents of as much, 30 PDFs of ten pages, through the API, eight
uploads at a time: what the peer's 4.5 documents a second were measured with. Then many small ones,
for what memory makes of it.
"""

import io
import os
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import psutil
import psycopg
from bench.no_cost import MODEL, no_cost
from fixtures.make_fixtures import pdf
from support.running_server import Server, running
from support.stack import ROOT

UPLOADS_AT_ONCE = 8
PER_REQUEST = 20
LARGE = int(os.environ.get("CHUNKS", 80_000))
MANY = int(os.environ.get("DOCUMENTS", 5_000))
PEER = 4.5
PARTS = {
    "embedded.processes.serve": "web",
    "parsing.sandbox.worker": "parsing",
    "worker-": "worker",
    "postgres": "database",
}
_WORDS = (ROOT / "README.md").read_text(encoding="utf-8").split()
_SECONDS_FOR_AN_INDEX = 400.0


def main() -> None:
    """Load the mix twice, with many chunks put in between; then load many, and look at memory."""
    with no_cost() as url, running(WORKER_PROCESSES="") as server:
        token = server.token()
        slug = workspace(server, token, url)
        load(server, token, slug, mixed("warm", 10, 4, 4), "warming up")
        empty = load(server, token, slug, mixed("first", 200, 30, 30), "an empty workspace")
        load(
            server,
            token,
            slug,
            mixed("again", 200, 30, 30),
            f"{PER_REQUEST} documents a request",
            PER_REQUEST,
        )
        if LARGE:
            stuff(server)
            load(
                server, token, slug, mixed("settling", 200, 30, 30), f"{LARGE} chunks there already"
            )
            full = load(server, token, slug, mixed("second", 200, 30, 30), "the same once more")
            print(f"full against empty: {full / empty:.2f}")
        print(f"against the peer's {PEER} documents/s: {empty / PEER:.1f} times")
        if MANY:
            memory(server, token, slug)


def workspace(server: Server, token: str, url: str, name: str = "Ingest") -> str:
    """Connect the server of no cost and make a workspace that embeds by it; return the slug."""
    if not server.call("/api/v1/connections/", token=token)["results"]:
        server.call(
            "/api/v1/connections/", {"name": "free", "kind": "openai", "base_url": url}, token
        )
    slug = str(server.call("/api/v1/workspaces/", {"name": name}, token)["slug"])
    server.call(f"/api/v1/workspaces/{slug}/", {"embedding_model": f"free/{MODEL}"}, token, "PATCH")
    return slug


def load(
    server: Server,
    token: str,
    slug: str,
    documents: list[tuple[str, bytes]],
    what: str,
    per_request: int = 1,
) -> float:
    """Upload documents and wait until all are ready; print and return how many a second."""
    parts = [
        documents[first : first + per_request] for first in range(0, len(documents), per_request)
    ]
    before, began = spent(server), time.monotonic()
    with ThreadPoolExecutor(UPLOADS_AT_ONCE) as threads:
        list(threads.map(lambda part: server.upload(slug, part, token), parts))
    sent = time.monotonic() - began
    server.wait_until_indexed(slug, token)
    seconds = time.monotonic() - began
    failed = server.documents(slug, token, "status=failed")
    assert not failed, failed[0]
    rate = len(documents) / seconds
    each = {
        part: 1000 * (now - before.get(part, 0.0)) / len(documents)
        for part, now in spent(server).items()
    }
    by_part = ", ".join(
        f"{part} {ms:.0f}"
        for part, ms in sorted(each.items(), key=lambda item: -item[1])
        if ms >= 1
    )
    print(f"{what}: {rate:.1f} documents/s, sent in {sent:.1f} s", flush=True)
    print(f"   processor ms each: {sum(each.values()):.0f} ({by_part})", flush=True)
    return rate


def spent(server: Server) -> dict[str, float]:
    """Return the processor seconds of each part so far."""
    return by_part(server, lambda process: sum(process.cpu_times()[:2]))


def held_mb(server: Server) -> dict[str, float]:
    """Return the memory of each part (PSS)."""
    return by_part(server, lambda process: float(process.memory_full_info().pss) / 2**20)


def by_part(server: Server, measure: Callable[[psutil.Process], float]) -> dict[str, float]:
    """Add up the figures of the processes of each part."""
    found: dict[str, float] = {}
    for process in server.family():
        with suppress(psutil.Error):
            command = " ".join(process.cmdline())
            part = next((name for mark, name in PARTS.items() if mark in command), "other")
            found[part] = found.get(part, 0.0) + measure(process)
    return found


def mixed(tag: str, texts: int, words: int, pdfs: int) -> list[tuple[str, bytes]]:
    """Return documents of three kinds, no two alike."""
    kinds: list[tuple[int, str, Callable[[str], bytes]]] = [
        (texts, "txt", lambda name: prose(name, 8_000).encode()),
        (words, "docx", lambda name: as_word(prose(name, 8_000))),
        (pdfs, "pdf", lambda name: as_pdf(prose(name, 25_000), 10)),
    ]
    named = [
        (f"{tag}-{n:04}.{suffix}", make) for number, suffix, make in kinds for n in range(number)
    ]
    return [(name, make(name)) for name, make in named]


def prose(seed: str, letters: int) -> str:
    """Return a text unlike all others, in paragraphs."""
    chance, said, size = random.Random(seed), [], 0
    while size < letters:
        sentence = " ".join(chance.choice(_WORDS) for _ in range(14)).capitalize() + "."
        said.append(sentence + ("\n\n" if chance.random() < 0.15 else ""))
        size += len(said[-1]) + 1
    return " ".join(said)


def as_word(text: str) -> bytes:
    """Return a text as a Word document."""
    import docx

    document, file = docx.Document(), io.BytesIO()
    for paragraph in text.split("\n\n"):
        document.add_paragraph(paragraph.strip())
    document.save(file)
    return file.getvalue()


def as_pdf(text: str, pages: int) -> bytes:
    """Return a text as a PDF of so many pages, fourteen words a line."""
    words = text.encode("ascii", "ignore").decode().split()
    lines = [(" ".join(words[first : first + 14]), 10, 14) for first in range(0, len(words), 14)]
    share = len(lines) // pages + 1
    parts = [lines[first : first + share] for first in range(0, len(lines), share)]
    return pdf(parts, title=text[:40], footer="Page", chinese=False)


def stuff(server: Server) -> None:
    """Have the chunks that are there once more, again and again, until there are many; wait for their index."""
    began = time.monotonic()
    with connected(server) as database:
        found = partial(one, database)
        there = found("SELECT count(*) FROM ingestion_chunk")
        for time_around in range(1, LARGE // there + 1):
            database.execute(
                _COPY_CHUNKS, {"shift": time_around * 10_000, "left": LARGE - time_around * there}
            )
        database.execute("UPDATE ingestion_document d SET chunk_count = n FROM (SELECT document_id, count(*) n"
                         " FROM ingestion_chunk GROUP BY 1) c WHERE c.document_id = d.id")  # fmt: skip
        while not found(
            "SELECT count(*) FROM pg_class WHERE relname LIKE 'near\\_%' AND relkind = 'i'"
        ) or found("SELECT count(*) FROM pg_stat_progress_create_index"):
            assert time.monotonic() - began < _SECONDS_FOR_AN_INDEX, "no index came"
            time.sleep(1)
        print(
            f"{found('SELECT count(*) FROM ingestion_chunk')} chunks after {time.monotonic() - began:.0f} s"
        )


def connected(server: Server) -> "psycopg.Connection[tuple[int]]":
    """Return a connection to the server's own database."""
    from embedded.postgres import cluster
    from embedded.postgres.server import socket_dir

    place = {
        "host": str(socket_dir(server.data_dir)),
        "dbname": cluster.DATABASE_NAME,
        "user": cluster.DATABASE_USER,
    }
    return psycopg.connect(**place, autocommit=True)


def one(database: "psycopg.Connection[tuple[int]]", query: str) -> int:
    """Return the one number that a query finds."""
    row = database.execute(query).fetchone()
    assert row is not None
    return row[0]


_COPY_CHUNKS = """
WITH copied AS (
    INSERT INTO ingestion_chunk (id, document_id, workspace_id, position, text, headings, page_from, page_to, start,
        "end", boxes, terms, weights)
    SELECT gen_random_uuid(), document_id, workspace_id, position + %(shift)s, text, headings, page_from, page_to,
        start, "end", boxes, terms, weights
    FROM ingestion_chunk WHERE position < 10000 LIMIT greatest(%(left)s, 0)
    RETURNING id, document_id, workspace_id, position
)
INSERT INTO ingestion_embedding (chunk_id, workspace_id, space_id, vector)
SELECT copied.id, copied.workspace_id, e.space_id, e.vector FROM copied
JOIN ingestion_chunk c ON c.document_id = copied.document_id AND c.position = copied.position - %(shift)s
JOIN ingestion_embedding e ON e.chunk_id = c.id
"""


def memory(server: Server, token: str, slug: str) -> None:
    """Load many small documents and print what the worker has after the first fifth and after all."""
    parts = 5
    for part in range(1, parts + 1):
        documents = [
            (f"many-{part}-{n:05}.txt", prose(f"{part}-{n}", 1_500).encode())
            for n in range(MANY // parts)
        ]
        load(server, token, slug, documents, f"small ones, part {part} of {parts}")
        held = held_mb(server)
        print(
            f"memory: worker {held['worker']:.0f} MB, parsing children {held.get('parsing', 0):.0f} MB",
            flush=True,
        )
