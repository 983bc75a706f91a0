"""A program that is kept running: noticed when it ends, started again in its time, nothing left of it behind."""

import os
import signal
import sys
import time

import psutil
import pytest

from embedded.child_process import Program
from embedded.processes.event_loop import Loop
from embedded.processes.keeper import Keeper
from embedded.processes.log_output import Log, Voice


@pytest.fixture
def keep(tmp_path):
    """Return a keeper of a Python script."""
    keepers = []
    loop = Loop()

    def keep(script: str) -> Keeper:
        program = Program("script", [sys.executable, "-c", script])
        keepers.append(Keeper(program, Voice("script", Log(tmp_path / "log"), quiet=True), loop))
        return keepers[-1]

    yield keep
    for keeper in keepers:
        keeper.signal(signal.SIGKILL)
        wait_for_end(keeper)
    loop.close()


def wait_for_end(keeper: Keeper) -> str | None:
    how = None
    while keeper.process is not None and how is None:
        how = keeper.ended()
        time.sleep(0.01)
    return how


def test_it_says_how_the_program_ended_and_what_it_said_last(keep):
    keeper = keep("print('last words'); raise SystemExit(3)")
    keeper.start()

    assert wait_for_end(keeper) == "exit 3"
    assert list(keeper.voice.recent) == ["last words"]


def test_a_signal_is_called_by_its_name(keep):
    keeper = keep("import time; time.sleep(60)")
    keeper.start()
    keeper.signal(signal.SIGKILL)

    assert wait_for_end(keeper) == "SIGKILL"


def test_pauses_grow_while_it_ends_at_once_and_stay_bounded(keep):
    keeper = keep("")
    pauses = []
    for _ in range(3):
        keeper.start()
        wait_for_end(keeper)
        pauses.append(keeper.due - time.monotonic())
    keeper.quick_ends = 50
    keeper.start()
    wait_for_end(keeper)

    assert pauses == sorted(pauses)
    assert not keeper.is_due()
    assert keeper.due - time.monotonic() <= 10


def test_a_program_that_had_run_for_long_is_started_again_at_once(keep):
    keeper = keep("")
    keeper.start()
    keeper._started -= 60
    wait_for_end(keeper)

    assert keeper.is_due()


def test_what_a_program_leaves_behind_ends_with_it(keep):
    keeper = keep("import subprocess; print(subprocess.Popen(['sleep', '60'], stdout=-3).pid)")
    keeper.start()
    wait_for_end(keeper)

    left = int(keeper.voice.recent[0])
    assert not psutil.pid_exists(left) or psutil.Process(left).status() == psutil.STATUS_ZOMBIE


def test_the_terminal_does_not_reach_it(keep):
    keeper = keep("import time; time.sleep(60)")
    keeper.start()

    assert keeper.process
    assert os.getpgid(keeper.process.pid) == keeper.process.pid


def test_the_signal_that_is_due_depends_on_how_long_it_has_been_told_to_stop():
    program = Program("x", [], stop=((signal.SIGINT, 10), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)))

    due = [program.signal_after(seconds) for seconds in (0, 9.9, 10, 14.9, 15, 1000)]

    assert due == [signal.SIGINT] * 2 + [signal.SIGQUIT] * 2 + [signal.SIGKILL] * 2
