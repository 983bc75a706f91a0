"""The lock of a DATA_DIR has one holder, which is named, and is released when the holder dies."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from embedded.data_dir.lock import DataDirLock, LockHolder, holder, refusal
from embedded.terminal_language import ROOT

HOLD = """
import sys, time
from pathlib import Path
from embedded.data_dir.lock import DataDirLock
assert DataDirLock(Path(sys.argv[1])).acquire(address="http://127.0.0.1:8000")
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def other(tmp_path):
    """Another process that holds the lock of tmp_path."""
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT / "platform")}
    )
    assert process.stdout
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_second_start_is_refused_with_process_and_address_of_the_first(tmp_path, other):
    assert not DataDirLock(tmp_path).acquire()

    assert holder(tmp_path) == LockHolder(other.pid, "http://127.0.0.1:8000")
    assert f"process {other.pid} at http://127.0.0.1:8000." in str(refusal(tmp_path))


def test_sigkill_releases_the_lock(tmp_path, other):
    os.kill(other.pid, signal.SIGKILL)
    other.wait()

    assert holder(tmp_path) is None
    with DataDirLock(tmp_path) as lock:
        assert lock.acquire()


def test_children_do_not_inherit_the_lock(tmp_path):
    lock = DataDirLock(tmp_path)
    assert lock.acquire()
    child = subprocess.Popen(["sleep", "60"], close_fds=False)
    lock.release()

    assert DataDirLock(tmp_path).acquire()

    child.kill()
    child.wait()


def test_a_command_that_holds_the_lock_has_no_address(tmp_path):
    with DataDirLock(tmp_path) as lock:
        lock.acquire()

        assert f"in use by process {os.getpid()}" in str(refusal(tmp_path))
        assert json.loads((tmp_path / "lock").read_text())["address"] == ""


def test_reading_the_holder_does_not_take_the_lock(tmp_path):
    assert holder(tmp_path) is None
    (tmp_path / "lock").write_bytes(b"not json")
    assert holder(tmp_path) is None

    with DataDirLock(tmp_path) as lock:
        assert lock.acquire()
        time.sleep(0)
        assert holder(tmp_path) is not None
