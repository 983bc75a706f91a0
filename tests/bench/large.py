"""What one large document takes: a PDF of 1,200 pages, a book of 3 MB, a table of 100,000 rows; time and memory.

Through a running server with the built-in model, one after the other. Memory is that of the worker
and its parsing children together; in the end the children should be gone.
"""

import time
from collections.abc import Callable

from bench.ingest import held_mb, prose
from fixtures.make_fixtures import pdf
from support.running_server import Server, running

PAGES, LETTERS, ROWS = 1200, 3_000_000, 100_000
SENTENCE = "the keeper writes the time of each trimming into the log of the lighthouse."
LONGEST = 180.0  # Seconds after which idle children should have ended.


def main() -> None:
    """Load each; then wait for the children to end."""
    documents: list[tuple[str, Callable[[], bytes]]] = [
        ("long.pdf", long_pdf),
        ("book.txt", book),
        ("rows.csv", rows),
    ]
    with running(WORKER_PROCESSES="") as server:
        token = server.token()
        slug = server.call("/api/v1/workspaces/", {"name": "Large"}, token)["slug"]
        for name, make in documents:
            load(server, token, slug, name, make())
        began = time.monotonic()
        while "parsing" in held_mb(server) and time.monotonic() - began < LONGEST:
            time.sleep(1)
        left = "parsing" in held_mb(server)
        print(
            f"children are {'there still' if left else 'gone'} {time.monotonic() - began:.0f} s after the last of them"
        )


def load(server: Server, token: str, slug: str, name: str, content: bytes) -> None:
    """Add one document, and print how long it takes and the most memory meanwhile."""
    began = time.monotonic()
    (row,) = server.upload(slug, [(name, content)], token)
    peak, document = 0.0, row
    while document["status"] in {"queued", "processing"}:
        held = held_mb(server)
        peak = max(peak, held["worker"] + held.get("parsing", 0.0))
        document = server.call(f"/api/v1/workspaces/{slug}/documents/{row['id']}/", token=token)
    print(
        f"{name}, {len(content) / 2**20:.1f} MB: {document['status']} with {document['chunks']} chunks after"
        f" {time.monotonic() - began:.1f} s, at most {peak:.0f} MB in worker and children together",
        flush=True,
    )


def long_pdf() -> bytes:
    """Return a PDF of many pages with 50 lines each."""
    lines = [
        [(f"Line {line} of page {page}: {SENTENCE}", 10, 13) for line in range(50)]
        for page in range(PAGES)
    ]
    return pdf(lines, title="Many pages", footer="page", chinese=False)


def book() -> bytes:
    """Return a text of a book's size, and then some."""
    return prose("a book", LETTERS).encode()


def rows() -> bytes:
    """Return a table as text."""
    lines = [
        f"{row},lamp {row % 97},{row * 7 % 1009}.5,checked by keeper {row % 13}"
        for row in range(ROWS)
    ]
    return "\n".join(["number,what,value,remark", *lines]).encode()
