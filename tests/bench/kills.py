"""Kills each part ten times while documents load and an answer streams, and counts what was lost."""

import time

from support.process_killer import PARTS, SLOW_MODEL, Ordeal
from support.running_server import running

TIMES = 10


def main() -> None:
    """Go through the ordeal; an assertion fails at the first loss."""
    with running(PYTHONPATH=SLOW_MODEL) as server:
        ordeal = Ordeal(server)
        for part in PARTS:
            began = time.monotonic()
            for _round in range(TIMES):
                ordeal.round(part)
            seconds = (time.monotonic() - began) / TIMES
            print(f"{part} killed {TIMES} times: nothing lost, {seconds:.1f} s a round", flush=True)
        print(
            f"documents accepted: {len(ordeal.accepted)}, in the end: {dict(ordeal.check_documents())}"
        )
