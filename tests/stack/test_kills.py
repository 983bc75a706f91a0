"""Whatever is killed, no document and no message is lost. `make bench PARTS=kills` does the same ten times each."""

import pytest
from killing import PARTS, SLOW_MODEL, Ordeal
from running import running

pytestmark = pytest.mark.stack


def test_killing_any_part_loses_nothing():
    with running(PYTHONPATH=SLOW_MODEL) as server:
        ordeal = Ordeal(server)

        for part in PARTS:
            ordeal.round(part)

        assert ordeal.check_documents() == {"ready": len(ordeal.accepted)}
