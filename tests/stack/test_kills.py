"""No document and no message is lost when a part is killed at any time.

`make bench PARTS="kills stages"` kills each part ten times.
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
    """A server after each part, and the worker in each stage, was killed."""

    ordeal: Ordeal
    load: Load
    killer: Killer


@pytest.fixture(scope="module")
def killed() -> Iterator[Killed]:
    """Kill all parts before the checks, so that the documents recover concurrently."""
    with no_cost(pause=0.3) as url, running(PYTHONPATH=SLOW_MODEL) as server:
        killer = Killer(server)
        load = Load(server, connected(server, url), "load", FEW)
        killer.kill_in_each(load.add, IN)
        ordeal = Ordeal(server)
        for part in PARTS:
            ordeal.round(part)
        server.wait_until_indexed(ordeal.slug, ordeal.token)
        yield Killed(ordeal, load, killer)


def test_no_document_or_message_is_lost_when_a_part_is_killed(killed: Killed):
    assert killed.ordeal.check_documents() == {"ready": len(killed.ordeal.accepted)}


def test_documents_are_indexed_once_after_a_worker_is_killed_in_any_stage(
    killed: Killed,
):
    assert "-book-0.txt" in killed.load.check()
    check_files(killed.load.server)
    assert not orphans(killed.killer.killed)
