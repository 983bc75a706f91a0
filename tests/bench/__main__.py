"""`make bench`: measures one part after the other, each on a new server, and prints a line per figure.

`make bench PARTS="start retrieval"` runs only those. README.md beside this file keeps the figures.
"""

import importlib
import os
import platform
import sys

LOADING = [
    "start",
    "loading",
    "ingest",
    "first_load",
    "pdf",
    "large",
    "files",
    "partitioners",
    "kills",
    "stages",
]
ASKING = ["answering", "streams", "retrieval", "documents", "extractive", "followups", "llama"]
FLOODS = ["signins", "floods"]
PARTS = [*LOADING, *ASKING, *FLOODS]


def main(wanted: list[str]) -> None:
    """Run the wanted parts, or all of them."""
    print(
        f"machine: {os.cpu_count()} cores, {memory_gb()} GB, Python {platform.python_version()}, {platform.system()}"
    )
    for name in wanted or PARTS:
        print(f"\n== {name} ==", flush=True)
        importlib.import_module(f"bench.{name}").main()


def memory_gb() -> int:
    """Return how much memory the machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.dirname(__file__)))
    main(sys.argv[1:])
