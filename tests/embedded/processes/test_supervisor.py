"""`manage.py up` with all processes: start, restarts, refusals, and a complete stop."""

import json
import os
import re
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
import pytest
from support.stack import MARKS, READY_SECONDS, Stack, alive, wait_until

from embedded.data_dir.lock import LockHolder, holder
from embedded.postgres import prepared_stamp
from embedded.postgres.server import database
from embedded.processes import options
from embedded.terminal_language import ROOT

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def shared_place() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="rr-stack-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def running(shared_place: Path) -> Iterator[Stack]:
    """One server, shared by the tests that leave the server running."""
    stack = Stack(shared_place / "var").start()
    yield stack
    stack.clear()


@pytest.fixture
def stack(running: Stack) -> Stack:
    """The shared server once all parts are ready."""
    if running.process is None or running.process.poll() is not None:
        running.start()
    return running.wait_until_ready()


@pytest.fixture
def other(place: Path) -> Iterator[Stack]:
    """A separate server, which the test starts."""
    stack = Stack(place / "var")
    yield stack
    stack.clear()


def test_up_prints_the_address_and_the_set_up_code(stack):
    lines = stack.text().splitlines()

    assert f"Reading Room is running at http://127.0.0.1:{stack.port}" in lines
    assert any(line.startswith("Setup code, required when") for line in lines)
    assert stack.get("/healthz") == 200


def test_up_prints_nothing_else(stack):
    assert len(stack.text().splitlines()) <= 3, stack.text()


def test_a_second_start_with_the_same_data_dir_is_refused(stack):
    assert stack.process
    second = Stack(stack.data_dir)

    said = second.run("up")

    address = f"http://127.0.0.1:{stack.port}"
    sentence = (
        f"Reading Room is already running with DATA_DIR {stack.data_dir}: "
        f"process {stack.process.pid} at {address}.\n"
    )
    assert (said.returncode, said.stderr) == (1, sentence)
    assert stack.get("/readyz") == 200


def test_a_port_in_use_is_reported_in_one_sentence(stack, place):
    said = Stack(place / "var", stack.port).run("up")

    assert said.returncode == 1
    assert said.stderr.startswith(f"Port {stack.port} on 127.0.0.1 is in use by another program.")
    assert said.stderr.count("\n") == 1


@pytest.mark.parametrize("part", list(MARKS))
def test_a_killed_part_is_restarted(stack, part):
    before = stack.kill(part)

    wait_until(lambda: stack.parts().get(part, before) != before)
    stack.wait_until_ready()

    others = set(stack.parts()) - {part}
    assert others == set(MARKS) - {part}


def test_requests_wait_while_the_web_server_restarts(stack):
    stack.kill("web")

    assert stack.get("/healthz", READY_SECONDS) == 200


def test_commands_use_the_running_database(stack):
    said = stack.run("showmigrations", "--plan")

    assert said.returncode == 0, said.stderr
    assert "[ ]" not in said.stdout
    assert stack.get("/readyz") == 200


def test_doctor_reports_no_error_for_a_running_server(stack):
    said = stack.run("doctor", "--json")

    findings = {finding["name"]: finding for finding in json.loads(said.stdout)}
    assert said.returncode == 0, said.stdout
    assert f"http://127.0.0.1:{stack.port}" in findings["server"]["detail"]
    assert findings["worker"]["detail"] == "Running."


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_everything_and_leaves_no_process(stack, number):
    family = stack.family()
    assert len(family) >= 5

    assert stack.stop(number) == 0

    assert alive(family) == []
    assert stack.get("/healthz") == 0


def test_a_signal_to_make_stops_everything(running):
    running.clear()
    running.start("make", "--no-print-directory", "-o", ".venv/.installed", "up").wait_until_ready()
    family = running.family()

    running.stop()

    wait_until(lambda: not alive(family), 10)
    assert running.get("/healthz") == 0


def test_sigkill_of_the_supervisor_leaves_no_process_and_allows_a_new_start(stack):
    family = stack.family()
    assert stack.process

    stack.process.kill()
    stack.process.wait()
    stack.start().wait_until_ready()

    assert alive(family) == []


def test_all_parts_killed_at_once_are_restarted(stack):
    family = stack.family()
    stack.clear()

    stack.start().wait_until_ready()

    assert alive(family) == []
    assert stack.get("/readyz") == 200


def test_a_later_start_skips_the_preparation(stack):
    stack.stop()
    seen = set()

    stack.start()
    wait_until(
        lambda: (
            seen.update(" ".join(part.cmdline()) for part in stack.family())
            or stack.get("/healthz", 1)
        )
    )

    # tests/bench measures the duration; tests compete for the processors.
    assert not any(words.endswith("prepare") for words in seen)
    assert prepared_stamp.holds(stack.data_dir)


def test_commands_start_the_database_when_no_server_runs(stack):
    stack.stop()

    said = stack.run("showmigrations", "--plan")
    doctor = stack.run("doctor")

    assert said.returncode == 0, said.stderr
    assert "[ ]" not in said.stdout
    assert doctor.returncode == 0, doctor.stdout
    assert "Not running" in doctor.stdout


def test_a_start_waits_for_a_command_that_holds_the_lock(stack):
    stack.stop()

    with database(stack.data_dir, options.version()):
        stack.start()
        wait_until(lambda: holder(stack.data_dir) == LockHolder(os.getpid()))

    stack.wait_until_ready()


def test_a_folder_of_a_newer_version_is_reported_in_one_sentence(other):
    other.data_dir.mkdir()
    (other.data_dir / "VERSION").write_text("99.0\n")

    said = other.run("up")

    assert said.returncode == 1
    assert "was written by Reading Room 99.0, which is newer" in said.stderr
    assert said.stderr.count("\n") == 1


def test_an_unusable_folder_is_reported_in_one_sentence(other):
    other.data_dir.write_text("a file")

    for words in (["up"], ["showmigrations"]):
        said = other.run(*words)

        assert said.returncode == 1
        assert said.stderr.startswith(f"DATA_DIR {other.data_dir} cannot be used (")
        assert said.stderr.count("\n") == 1


def test_a_signal_during_the_first_start_leaves_no_process(other):
    other.start()
    wait_until((other.data_dir / "postgres" / "postmaster.pid").exists)
    family = other.family()

    assert other.stop() == 0

    assert alive(family) == []
    assert other.get("/healthz") == 0


def test_a_first_administrator_from_the_environment_needs_no_code(place):
    stack = Stack(
        place / "var", ADMIN_EMAIL="ada@example.org", ADMIN_PASSWORD="a quiet reading room"
    )
    try:
        stack.start().wait_until_ready()
        assert "Setup code" not in stack.text()
        assert not (stack.data_dir / "setup-code").exists()
    finally:
        stack.clear()


def test_an_invalid_first_administrator_is_reported_in_one_sentence(place):
    stack = Stack(place / "var", ADMIN_EMAIL="ada@example.org", ADMIN_PASSWORD="short")

    said = stack.run("up")

    assert said.returncode == 1
    assert said.stderr.startswith("The database setup failed: CommandError: ")
    assert said.stderr.count("\n") == 1


def test_two_servers_run_side_by_side(stack, other):
    other.start().wait_until_ready()

    assert stack.get("/readyz") == other.get("/readyz") == 200
    assert not set(stack.parts().values()) & set(other.parts().values())


def workers_of(stack: Stack) -> set[int]:
    found = set()
    for process in stack.supervisor().children():
        with suppress(psutil.NoSuchProcess):
            if MARKS["worker"] in " ".join(process.cmdline()):
                found.add(process.pid)
    return found


def test_the_requested_number_of_workers_runs_and_each_is_restarted(place):
    stack = Stack(place / "var", WORKER_PROCESSES="2")
    try:
        stack.start().wait_until_ready()
        wait_until(lambda: len(workers_of(stack)) == 2)
        killed, other = workers_of(stack)

        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: len(workers_of(stack) - {killed}) == 2)

        assert other in workers_of(stack)
        family = stack.family()
        assert stack.stop() == 0
        assert alive(family) == []
    finally:
        stack.clear()


def test_the_server_starts_in_a_folder_with_a_long_name(place):
    stack = Stack(place / ("long" * 30) / "var")
    stack.data_dir.parent.mkdir()
    try:
        stack.start().wait_until_ready()
        assert stack.stop() == 0
    finally:
        stack.clear()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may fill a disk of its own")
def test_a_full_disk_is_reported_in_one_sentence(other):
    other.data_dir.mkdir()
    if os.system(f"mount -t tmpfs -o size=40m tmpfs {other.data_dir} 2>/dev/null"):
        pytest.skip("no mounting here")
    try:
        said = other.run("up")
    finally:
        os.system(f"umount {other.data_dir}")

    assert said.returncode == 1
    assert re.search(r"is full: \d\d MB free, at least 200 MB required\.\n$", said.stderr)
    assert said.stderr.count("\n") == 1


def test_a_stop_closes_the_listening_socket_at_once(stack):
    assert stack.process
    stack.process.terminate()

    def refused() -> bool:
        try:
            socket.create_connection(("127.0.0.1", stack.port), 1).close()
        except OSError:
            return True
        return False

    wait_until(refused, 5)
    stack.process.wait(30)


def test_other_clients_are_served_despite_many_unfinished_requests(other):
    """With a low soft limit of files, which the start raises."""
    other.start(
        "sh", "-c", f"ulimit -Sn 300; exec {sys.executable} manage.py up"
    ).wait_until_ready()
    half = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-"
    with ExitStack() as held:
        for _ in range(400):
            client = held.enter_context(
                socket.create_connection(("127.0.0.1", other.port), timeout=10)
            )
            client.sendall(half)

        assert [other.get("/healthz", 10) for _ in range(5)] == [200] * 5
    assert "Too many open files" not in other.text()


def test_a_hung_web_server_and_a_hung_worker_are_restarted(other):
    """With a look every second; both are paused as a whole, which no signal but the last ends."""
    quick = "from embedded.processes import supervisor as s; s.CHECK_SECONDS = 1.0; raise SystemExit(s.main())"
    other.environment["PYTHONPATH"] = str(ROOT / "platform")
    other.start(sys.executable, "-c", quick, "manage.py").wait_until_ready()
    hung = {name: other.parts()[name] for name in ("web", "worker")}
    time.sleep(3)  # The liveness check has succeeded for both.
    for pid in hung.values():
        os.kill(pid, signal.SIGSTOP)

    wait_until(lambda: not any(map(psutil.pid_exists, hung.values())))
    other.wait_until_ready()
    assert "web has not responded for" in other.text()
    assert "worker has not responded for" in other.text()
