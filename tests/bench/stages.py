"""Kills the worker in each stage of a load of sixty documents, ten loads in turn, and looks whether anything was lost,
is there twice or was left behind. The same load undisturbed says what the chunks should be.
"""

import os
import time

from bench.no_cost import no_cost
from support.integrity_check import check_files, left_behind, orphans
from support.mixed_load import SIXTY, Load, connected
from support.running_server import running
from support.stage_killer import STAGES, Killer

TIMES = int(os.environ.get("TIMES", 10))
PAUSE = 0.3  # Seconds that the embedding server takes for each batch.


def main() -> None:
    """Go through the loads; an assertion fails at the first loss."""
    with no_cost(PAUSE) as url, running() as server:
        model = connected(server, url)
        undisturbed = Load(server, model, "load-00", SIXTY)
        undisturbed.add()
        expected = undisturbed.check()
        print(
            f"undisturbed: {len(undisturbed.accepted)} documents, {len(expected)} with text",
            flush=True,
        )
        killer = Killer(server)
        for number in range(1, TIMES + 1):
            load = Load(server, model, f"load-{number:02}", SIXTY)
            began = time.monotonic()
            when = killer.kill_in_each(load.add)
            assert load.check() == expected
            said = ", ".join(f"{stage} {when[stage]:.0f}" for stage in STAGES)
            print(
                f"load {number}: {said} s; all ended after {time.monotonic() - began:.0f} s",
                flush=True,
            )
        print(f"{len(killer.killed)} kills, {killer.too_late} of them too late to count")
        print(f"left behind, for the purge: {dict(left_behind(server))}")
        check_files(server)
        assert not orphans(killer.killed)
        for stage in STAGES:
            print(
                f"worker killed while {stage}: {TIMES} times, nothing lost, nothing twice, nothing left"
            )
