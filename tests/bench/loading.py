"""How fast documents become searchable: 1,000 small ones through the API, beside the bare work of the same bytes.

The floor is the least work possible: hash and write the bytes, embed the text once, and copy text,
terms and vectors into plain tables of the same database, in this one process.
"""

import hashlib
import random
import sys
import tempfile
import time
from pathlib import Path

import psycopg
from support.running_server import Server, running
from support.stack import ROOT

DOCUMENTS = 1000
PER_REQUEST = 100
WORDS = 250  # A page or so: about 1.5 kB.


def main() -> None:
    """Load, then do the bare work, and print the ratio."""
    documents = [(f"note-{number:04}.txt", text(number).encode()) for number in range(DOCUMENTS)]
    with running(WORKER_PROCESSES="") as server:
        token = server.token()
        slug = server.call("/api/v1/workspaces/", {"name": "Loading"}, token)["slug"]
        seconds, cpu = timed_load(server, slug, token, documents)
        floor = bare_seconds(server, documents)
    print(
        f"{DOCUMENTS} documents of {WORDS} words: {DOCUMENTS / seconds:.1f}/s from first byte sent to last ready"
    )
    print(f"processor time: {1000 * cpu / DOCUMENTS:.0f} ms a document, all processes")
    print(
        f"floor (hash, write, embed, copy in one process): {DOCUMENTS / floor:.1f}/s; ratio {seconds / floor:.1f}"
    )


def text(number: int) -> str:
    """Return a document unlike all others: common words and some that only it has."""
    chance = random.Random(number)
    vocabulary = WORD_LIST.read_text(encoding="utf-8").split()
    return (
        " ".join([f"code{number:04}", *(chance.choice(vocabulary) for _word in range(WORDS))]) + "."
    )


WORD_LIST = ROOT / "README.md"


def timed_load(
    server: Server, slug: str, token: str, documents: list[tuple[str, bytes]]
) -> tuple[float, float]:
    """Return wall and processor seconds from the first byte sent until all are ready."""
    before, began = server.cpu_seconds(), time.monotonic()
    for first in range(0, len(documents), PER_REQUEST):
        server.upload(slug, documents[first : first + PER_REQUEST], token)
    server.wait_until_indexed(slug, token)
    return time.monotonic() - began, server.cpu_seconds() - before


def bare_seconds(server: Server, documents: list[tuple[str, bytes]]) -> float:
    """Return the seconds that the unavoidable takes."""
    sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
    from embedded.postgres import cluster
    from embedded.postgres.server import socket_dir
    from language.words import terms
    from providers.builtin.static_embedding import StaticVectors

    model = StaticVectors()
    model.embed_query("warm")
    connect = {
        "host": str(socket_dir(server.data_dir)),
        "dbname": cluster.DATABASE_NAME,
        "user": cluster.DATABASE_USER,
    }
    with tempfile.TemporaryDirectory() as folder, psycopg.connect(**connect) as connection:
        connection.execute(
            "CREATE TEMP TABLE bare (sha text, body text, terms int[], vector halfvec(256))"
        )
        began = time.monotonic()
        for _name, content in documents:
            (Path(folder) / hashlib.sha256(content).hexdigest()).write_bytes(content)
        vectors = model.embed_documents([content.decode() for _name, content in documents])
        with connection.cursor().copy("COPY bare FROM STDIN") as copy:
            for (_name, content), vector in zip(documents, vectors, strict=True):
                ids = sorted(hash(term) & 0x1FFFFFFF for term in terms(content.decode()))
                numbers = "[" + ",".join(f"{float(value):.4g}" for value in vector) + "]"
                copy.write_row(
                    (hashlib.sha256(content).hexdigest(), content.decode(), ids, numbers)
                )
        return time.monotonic() - began
