"""How long a start takes, how long a stop, and how much memory an idle stack holds."""

import os
import tempfile
import time
from pathlib import Path

from support.running_server import ADMIN, Server


def main() -> None:
    """Start twice on one DATA_DIR, then weigh."""
    with tempfile.TemporaryDirectory(prefix="rr-bench-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o755)
        first = {"ADMIN_EMAIL": ADMIN["email"], "ADMIN_PASSWORD": ADMIN["password"]}
        server = Server(Path(folder) / "var", WORKER_PROCESSES="", **first)
        try:
            print(f"first start to ready: {seconds_to_start(server):.1f} s")
            print(f"stop: {seconds_to_stop(server):.1f} s")
            print(f"second start to ready: {seconds_to_start(server):.1f} s")
            weigh(server, "fresh", settle=5)
            use(server)
            weigh(server, "75 s after one document and one search", settle=75)
        finally:
            server.clear()


def seconds_to_start(server: Server) -> float:
    """Start the server and return how long it took to be ready."""
    began = time.monotonic()
    server.start()
    server.wait_until_ready()
    return time.monotonic() - began


def seconds_to_stop(server: Server) -> float:
    """Stop the server and return how long that took."""
    began = time.monotonic()
    server.stop()
    return time.monotonic() - began


def use(server: Server) -> None:
    """Load one document and search once, so that the built-in models are loaded everywhere they ever are."""
    token = server.token()
    slug = server.call("/api/v1/workspaces/", {"name": "Weighing"}, token)["slug"]
    server.upload(slug, [("weights.md", b"# Weights\n\nA pound is sixteen ounces.")], token)
    server.wait_until_indexed(slug, token)
    server.call(f"/api/v1/workspaces/{slug}/search/", {"query": "ounces"}, token)


def weigh(server: Server, when: str, settle: float) -> None:
    """Print the memory of every process, PostgreSQL's included."""
    time.sleep(settle)
    found = server.memory_mb()
    for name, megabytes in sorted(found.items(), key=lambda item: -item[1]):
        print(f"  {megabytes:7.1f} MB  {name}")
    print(
        f"idle memory, {when}: {sum(found.values()):.0f} MB PSS in {len(found)} processes",
        flush=True,
    )
