"""No document and no message is lost when any part is killed at any time.

`make bench PARTS="kills stages"` does the same ten times each.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from bench.no_cost import no_cost
from support.integrity_check import check_files, orphans
from support.mixed_load import FEW, Load, connected
from support.process_killer import PARTS, SLOW_MODEL, Ordeal
from support.running_server import running
from support.stage_killer import Killer

pytestmark = pytest.mark.stack
# The stages that people see, and one of unpacking; of further moments the bench takes care.
IN = ("reading", "splitting", "embedding", "storing", "taking in")


@dataclass
class Killed:
    """A server of which every part has been killed, and the worker in every stage."""

    ordeal: Ordeal
    load: Load
    killer: Killer


@pytest.fixture(scope="module")
def killed() -> Iterator[Killed]:
    """All the killing is done first, so that the documents recover together."""
    with no_cost(pause=0.3) as url, running(PYTHONPATH=SLOW_MODEL) as server:
        killer = Killer(server)
        load = Load(server, connected(server, url), "load", FEW)
        killer.kill_in_each(load.add, IN)
        ordeal = Ordeal(server)
        for part in PARTS:
            ordeal.round(part)
        server.wait_until_indexed(ordeal.slug, ordeal.token)
        yield Killed(ordeal, load, killer)


def test_killing_any_part_loses_nothing(killed: Killed):
    assert killed.ordeal.check_documents() == {"ready": len(killed.ordeal.accepted)}


def test_a_worker_killed_in_any_stage_leaves_nothing_undone_nothing_twice_and_nothing_behind(
    killed: Killed,
):
    assert "-book-0.txt" in killed.load.check()
    check_files(killed.load.server)
    assert not orphans(killed.killer.killed)
