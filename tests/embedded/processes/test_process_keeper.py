"""Exits of a program are detected, restarts are delayed, and its children are killed."""

import os
import signal
import sys
import time

import psutil
import pytest

from embedded.child_process import Program
from embedded.processes.event_loop import EventLoop
from embedded.processes.log_output import ProgramOutput, RotatingLog
from embedded.processes.process_keeper import ProcessKeeper


@pytest.fixture
def keep(tmp_path):
    """Return a keeper of a Python script."""
    keepers = []
    loop = EventLoop()

    def keep(script: str) -> ProcessKeeper:
        program = Program("script", [sys.executable, "-c", script])
        keepers.append(
            ProcessKeeper(
                program, ProgramOutput("script", RotatingLog(tmp_path / "log"), quiet=True), loop
            )
        )
        return keepers[-1]

    yield keep
    for keeper in keepers:
        keeper.signal(signal.SIGKILL)
        wait_for_end(keeper)
    loop.close()


def wait_for_end(keeper: ProcessKeeper) -> str | None:
    how = None
    while keeper.process is not None and how is None:
        how = keeper.ended()
        time.sleep(0.01)
    return how


def test_the_exit_status_and_the_last_line_are_known(keep):
    keeper = keep("print('last words'); raise SystemExit(3)")
    keeper.start()

    assert wait_for_end(keeper) == "exit 3"
    assert list(keeper.output.recent) == ["last words"]


def test_a_killed_program_reports_the_name_of_the_signal(keep):
    keeper = keep("import time; time.sleep(60)")
    keeper.start()
    keeper.signal(signal.SIGKILL)

    assert wait_for_end(keeper) == "SIGKILL"


def test_pauses_grow_with_quick_exits_and_stay_bounded(keep):
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


def test_a_steady_program_is_restarted_at_once(keep):
    keeper = keep("")
    keeper.start()
    keeper._started -= 60
    wait_for_end(keeper)

    assert keeper.is_due()


def test_children_of_a_program_end_with_the_program(keep):
    keeper = keep("import subprocess; print(subprocess.Popen(['sleep', '60'], stdout=-3).pid)")
    keeper.start()
    wait_for_end(keeper)

    left = int(keeper.output.recent[0])
    assert not psutil.pid_exists(left) or psutil.Process(left).status() == psutil.STATUS_ZOMBIE


def test_a_program_runs_in_its_own_process_group(keep):
    keeper = keep("import time; time.sleep(60)")
    keeper.start()

    assert keeper.process
    assert os.getpgid(keeper.process.pid) == keeper.process.pid


def test_the_stop_signal_depends_on_the_time_since_the_stop_began():
    program = Program("x", [], stop=((signal.SIGINT, 10), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)))

    due = [program.signal_after(seconds) for seconds in (0, 9.9, 10, 14.9, 15, 1000)]

    assert due == [signal.SIGINT] * 2 + [signal.SIGQUIT] * 2 + [signal.SIGKILL] * 2
