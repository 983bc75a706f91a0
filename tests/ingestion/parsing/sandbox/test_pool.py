"""The pool of children: limits, crashes, cancellation and replacement."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from fixtures.make_fixtures import ENGLISH_PAGES, pdf

from ingestion.errors.exceptions import ParsingCancelled, UnreadableDocument
from ingestion.parsing import formats
from ingestion.parsing.sandbox.pool import Limits, ParserPool
from ingestion.parsing.sandbox.process import ROOT

MEGABYTE = 1024 * 1024


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.txt"
    path.write_text("hello")
    return path


@pytest.fixture
def long(tmp_path: Path) -> Path:
    """A table that takes seconds to read."""
    path = tmp_path / "long.csv"
    with path.open("w") as file:
        file.writelines(f"{row},some words,{row * row},more words\n" for row in range(250_000))
    return path


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(happened: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def read(pool: ParserPool, path: Path, **options: object) -> str:
    media_type = formats.CSV if path.suffix == ".csv" else formats.TEXT
    return pool.parse(path, media_type, name=path.name, **options).elements[0].text


def test_one_child_reads_many_documents(small):
    with ParserPool(size=2) as pool:
        assert [read(pool, small) for _ in range(5)] == ["hello"] * 5
        assert len(pool.pids()) == 1


def test_a_warm_child_answers_within_milliseconds(small):
    with ParserPool(size=1) as pool:
        read(pool, small)
        times = []
        for _ in range(50):
            start = time.perf_counter()
            read(pool, small)
            times.append(time.perf_counter() - start)

    assert sorted(times)[25] < 0.02


def test_the_pool_reads_as_many_documents_at_once_as_its_size(small):
    with ParserPool(size=2) as pool:
        threads = [threading.Thread(target=read, args=(pool, small)) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert 1 <= len(pool.pids()) <= 2


def signalled(pool: ParserPool, number: int, *, times: int) -> threading.Thread:
    """Send a signal to the pool's child every half second."""

    def send() -> None:
        for _ in range(times):
            time.sleep(0.5)
            for pid in pool.pids():
                with suppress(ProcessLookupError):
                    os.kill(pid, number)

    thread = threading.Thread(target=send)
    thread.start()
    return thread


def test_a_document_is_read_again_after_its_child_was_killed(small, long):
    with ParserPool(size=1) as pool:
        read(pool, small)
        (first,) = pool.pids()
        killer = signalled(pool, signal.SIGKILL, times=1)

        assert read(pool, long).startswith("| 0 | some words |")

        killer.join()
        assert first not in pool.pids()


def test_a_document_that_crashes_its_child_is_refused_and_the_child_replaced(small, long, caplog):
    with ParserPool(size=1) as pool:
        read(pool, small)
        breaker = signalled(pool, signal.SIGSEGV, times=1)

        with pytest.raises(UnreadableDocument, match="crashed the parser") as caught:
            read(pool, long)

        breaker.join()
        assert caught.value.code == "parser_crashed"
        assert "Reading long.csv broke a parsing child" in caplog.text
        assert read(pool, small) == "hello"


def test_a_document_whose_child_is_killed_again_and_again_is_refused(long):
    with ParserPool(size=1) as pool:
        killer = signalled(pool, signal.SIGKILL, times=6)

        with pytest.raises(UnreadableDocument) as caught:
            read(pool, long)

        killer.join()
        assert caught.value.code == "parser_crashed"


def test_an_idle_child_that_died_is_replaced(small):
    with ParserPool(size=1) as pool:
        read(pool, small)
        os.kill(pool.pids()[0], signal.SIGKILL)
        until(lambda: not is_running(pool.pids()[0]))

        assert read(pool, small) == "hello"


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(seconds=0.7), "too_slow"),
        (Limits(cpu_seconds=0), "too_slow"),
        (Limits(memory_bytes=60 * MEGABYTE), "too_large"),
        (Limits(answer_bytes=MEGABYTE), "too_large"),
    ],
)
def test_a_document_over_a_limit_is_ended_and_the_next_one_is_read(small, long, limits, code):
    with ParserPool(size=1, limits=limits) as pool:
        with pytest.raises(UnreadableDocument) as caught:
            read(pool, long)

        assert caught.value.code == code
        assert read(pool, small) == "hello"


def test_cancelling_ends_the_child_soon(long):
    with ParserPool(size=1) as pool:
        start = time.monotonic()

        with pytest.raises(ParsingCancelled):
            read(pool, long, cancelled=lambda: time.monotonic() - start > 0.5)

        assert time.monotonic() - start < 2
        assert pool.pids() == []


def test_waiting_for_a_free_child_can_be_cancelled_too(small, long):
    def keep_busy() -> None:
        with pytest.raises(ParsingCancelled):
            read(pool, long, cancelled=waited.is_set)

    waited = threading.Event()
    with ParserPool(size=1) as pool:
        busy = threading.Thread(target=keep_busy)
        busy.start()
        until(lambda: len(pool.pids()) == 1)

        with pytest.raises(ParsingCancelled):
            read(pool, small, cancelled=lambda: True)
        waited.set()
        busy.join()


def test_progress_rises_to_the_end(pool, tmp_path):
    many = pdf(ENGLISH_PAGES * 900, title="Many pages", footer="page", chinese=False)
    (tmp_path / "many.pdf").write_bytes(many)
    seen: list[float] = []

    pool.parse(tmp_path / "many.pdf", formats.PDF, name="many.pdf", progress=seen.append)

    assert seen
    assert seen == sorted(seen)
    assert all(0 < share <= 1 for share in seen)


def test_idle_children_end_after_a_while(small):
    with ParserPool(size=1, limits=Limits(idle_seconds=0.3)) as pool:
        read(pool, small)
        (pid,) = pool.pids()

        until(lambda: not is_running(pid))
        assert pool.pids() == []
        assert read(pool, small) == "hello"


def test_a_child_is_replaced_after_its_maximum_of_documents(small):
    with ParserPool(size=1, limits=Limits(documents_per_child=2)) as pool:
        seen = set()
        for _ in range(6):
            read(pool, small)
            seen.update(pool.pids())

    assert len(seen) == 3


def test_closing_leaves_no_process(small):
    pool = ParserPool(size=1)
    read(pool, small)
    (pid,) = pool.pids()

    pool.close()

    assert not is_running(pid)
    with pytest.raises(ParsingCancelled):
        read(pool, small)


def test_closing_the_pool_cancels_running_documents(long):
    outcome: list[BaseException] = []

    def keep_reading() -> None:
        try:
            read(pool, long)
        except BaseException as exc:
            outcome.append(exc)

    pool = ParserPool(size=1)
    busy = threading.Thread(target=keep_reading)
    busy.start()
    until(lambda: len(pool.pids()) == 1)

    pool.close()
    busy.join(timeout=5)

    assert [type(exc) for exc in outcome] == [ParsingCancelled]


HOST = """
import sys, time
from pathlib import Path
from ingestion.parsing.sandbox.pool import ParserPool
pool = ParserPool()
pool.parse(Path(sys.argv[1]), "text/plain", name="x")
print(pool.pids()[0], flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a child ends when its input does")
def test_children_die_with_their_parent(small):
    host = subprocess.Popen(
        [sys.executable, "-c", HOST, str(small)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert host.stdout is not None
    pid = int(host.stdout.readline())
    assert is_running(pid)

    host.kill()
    host.wait()
    host.stdout.close()

    until(lambda: not is_running(pid))


TOO_MUCH = """
import errno, os, sys, tempfile
from ingestion.parsing.sandbox.limits import Limits, confine
confine(Limits(written_bytes=2**20, open_files=20, memory_bytes=2**28), os.getppid())

def write():
    with tempfile.TemporaryFile() as file:
        file.write(bytes(2**21))

attempts = {
    "write": write,
    "open": lambda: [open(os.devnull) for _ in range(30)],
    "hold": lambda: bytearray(2**29),
}
for name, attempt in attempts.items():
    try:
        attempt()
    except MemoryError:
        print(name, "MemoryError")
    except OSError as error:
        print(name, errno.errorcode[error.errno])
"""


def test_a_confined_process_has_limits_of_bytes_files_and_memory():
    finished = subprocess.run(
        [sys.executable, "-c", TOO_MUCH], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert finished.stdout.splitlines() == ["write EFBIG", "open EMFILE", "hold MemoryError"]


GRANTED = "import sys; from ingestion.parsing.sandbox.limits import leave_network; sys.exit(not leave_network())"
CONFINED = """
import os, resource, socket, subprocess, sys
from ingestion.parsing.sandbox.limits import Limits, confine
confine(Limits(), os.getppid())
attempts = {
    "connect": lambda: socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=2),
    "resolve": lambda: socket.getaddrinfo("localhost", 80),
    "spawn": lambda: subprocess.run(["true"]),
    "fork": os.fork,
}
for name, attempt in attempts.items():
    try:
        attempt()
    except PermissionError:
        print(name)
print(resource.getrlimit(resource.RLIMIT_CORE)[0])
"""


def test_a_confined_process_opens_no_connection_and_starts_no_process():
    finished = subprocess.run(
        [sys.executable, "-c", CONFINED, "9"], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert finished.stdout.split() == ["connect", "resolve", "spawn", "fork", "0"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such barriers")
def test_a_child_has_a_network_namespace_and_a_socket_filter(small):
    with ParserPool(size=1) as pool:
        read(pool, small)
        process = Path(f"/proc/{pool.pids()[0]}")
        namespace, status = (process / "ns/net").readlink(), (process / "status").read_text()

    granted = subprocess.run([sys.executable, "-c", GRANTED], cwd=ROOT, check=False).returncode == 0
    assert (namespace != Path("/proc/self/ns/net").readlink()) == granted
    assert "Seccomp:\t2" in status


def test_a_child_knows_none_of_the_parents_secrets(small, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "do-not-tell")
    monkeypatch.setenv("DATABASE_URL", "postgres://do-not-tell")

    with ParserPool(size=1) as pool:
        read(pool, small)
        environment = Path(f"/proc/{pool.pids()[0]}/environ").read_bytes()

    assert b"do-not-tell" not in environment


def test_file_names_of_any_kind_reach_the_child(pool, tmp_path):
    for name in ("长" * 60 + ".txt", "a b'\"$(x).txt", "\udcff\udcfe.txt"):
        path = tmp_path / name
        path.write_text("hello")

        assert read(pool, path) == "hello"
