"""How long a start takes, how long a stop, and what the whole stack weighs when nobody asks anything."""

import os
import tempfile
import time
from pathlib import Path

from running import ADMIN, Server, memory_mb, start


def main() -> None:
    """Start twice on one DATA_DIR, then weigh."""
    with tempfile.TemporaryDirectory(prefix="rr-bench-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o755)
        data_dir = Path(folder) / "var"
        first = start(data_dir, ADMIN_EMAIL=ADMIN["email"], ADMIN_PASSWORD=ADMIN["password"])
        print(f"first start to ready: {first.wait_until_ready():.1f} s")
        print(f"stop: {seconds_to_stop(first):.1f} s")
        second = start(data_dir)
        print(f"second start to ready: {second.wait_until_ready():.1f} s")
        try:
            weigh(second, "fresh")
            use(second)
            weigh(second, "after one document and one search, 75 s later", settle=75)
        finally:
            second.stop()


def seconds_to_stop(server: Server) -> float:
    """Stop the server and return how long that took."""
    began = time.monotonic()
    server.stop()
    return time.monotonic() - began


def use(server: Server) -> None:
    """Load one document and search once, so that the built-in models are loaded everywhere they ever are."""
    token = server.token()
    slug = server.call("/api/v1/workspaces/", {"name": "Weighing"}, token)["slug"]
    documents = f"/api/v1/workspaces/{slug}/documents/"
    server.upload(documents, [("weights.md", b"# Weights\n\nA pound is sixteen ounces.")], token)
    server.wait_until_documents_are_ready(slug, token)
    server.call(f"/api/v1/workspaces/{slug}/search/", {"query": "ounces"}, token)


def weigh(server: Server, when: str, settle: float = 5) -> None:
    """Print the memory of every process, PostgreSQL's included."""
    time.sleep(settle)
    found = memory_mb(server.family)
    for name, megabytes in sorted(found.items(), key=lambda item: -item[1]):
        print(f"  {megabytes:7.1f} MB  {name}")
    print(f"idle memory, {when}: {sum(found.values()):.0f} MB PSS in {len(found)} processes")
