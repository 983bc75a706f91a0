"""The embedded database: start, stop, recovery, sharing, and errors in one sentence."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from embedded.exceptions import CannotStart
from embedded.postgres import cluster, server
from embedded.postgres.server import PostgresServer, answers, database, socket_dir
from embedded.terminal_language import ROOT

ROOTLY = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root runs the database as somebody else"
)


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])


def wait_until(condition, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_server_starts_durably_and_leaves_no_process(home, ask):
    with database(home, "1"):
        pid = postmaster(home)
        family = [psutil.Process(pid), *psutil.Process(pid).children()]

        assert ask(
            home, "SELECT current_setting('fsync'), current_setting('full_page_writes')"
        ) == ("on", "on")
        assert ask(home, "SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'") == (
            1,
        )

    assert not any(process.is_running() for process in family)
    assert not answers(home)


def test_committed_rows_survive_sigkill(home, ask):
    with database(home, "1"):
        ask(home, "CREATE TABLE kept (n int)")
        ask(home, "INSERT INTO kept VALUES (7)")
        os.kill(postmaster(home), signal.SIGKILL)

    with database(home, "1"):
        assert ask(home, "SELECT n FROM kept") == (7,)


def test_the_server_ends_with_its_parent_and_starts_again(home, ask):
    script = "import os, sys; from pathlib import Path; from embedded.data_dir import checks;"
    script += "from embedded.postgres.server import PostgresServer;"
    script += "home = Path(sys.argv[1]); checks.prepare(home, '1');"
    script += "PostgresServer(home).start(); os.kill(os.getpid(), 9)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "platform")}

    subprocess.run([sys.executable, "-c", script, str(home)], env=environment, check=False)

    with database(home, "1"):
        assert ask(home, "SELECT 1") == (1,)


def test_a_stray_server_is_stopped_and_replaced(home, ask):
    with database(home, "1"):
        first = postmaster(home)
        second = PostgresServer(home)
        second.start()

        assert postmaster(home) != first
        assert ask(home, "SELECT 1") == (1,)
        second.stop()


def test_the_server_starts_despite_a_stale_postmaster_pid_of_another_process(home, ask):
    with database(home, "1"):
        os.kill(postmaster(home), signal.SIGKILL)
    other = subprocess.Popen(["sleep", "60"])
    note = home / "postgres" / "postmaster.pid"
    note.write_text("\n".join([str(other.pid), *note.read_text().splitlines()[1:], ""]))

    with database(home, "1"):
        assert ask(home, "SELECT 1") == (1,)

    assert other.poll() is None
    other.kill()
    other.wait()


def test_a_long_path_gets_a_short_socket(place, ask):
    deep = place / ("x" * 100) / "var"

    with database(deep, "1"):
        assert socket_dir(deep).parent == Path("/tmp")
        assert socket_dir(deep).stat().st_mode & 0o777 == 0o700
        assert ask(deep, "SELECT 1") == (1,)

    socket_dir(deep).rmdir()


def test_the_socket_folder_is_the_same_in_every_process(place, monkeypatch):
    (place / "var").mkdir()
    (place / "link").symlink_to(place / "var")
    deep = place / ("x" * 100)
    before = socket_dir(deep)
    monkeypatch.setenv("TMPDIR", str(place))

    assert socket_dir(place / "link") == socket_dir(place / "var") == place / "var" / "run"
    assert socket_dir(deep) == before


def test_only_its_owner_reaches_the_socket(home):
    with database(home, "1"):
        assert socket_dir(home).stat().st_mode & 0o777 == 0o700
        assert (home / "postgres").stat().st_mode & 0o777 == 0o700


def test_a_socket_folder_open_to_other_users_is_refused(home):
    (home / "run").mkdir(parents=True, mode=0o777)
    (home / "run").chmod(0o777)

    with pytest.raises(CannotStart, match="accessible to other users"), database(home, "1"):
        pass


def test_commands_share_a_server_and_its_starter_waits_for_the_guest(home, ask):
    guest_in, leave = threading.Event(), threading.Event()

    def visit() -> None:
        with database(home, "1"):
            guest_in.set()
            leave.wait(10)
            seen.append(ask(home, "SELECT 1"))

    seen: list[object] = []
    guest = threading.Thread(target=visit)
    with database(home, "1"):
        guest.start()
        assert guest_in.wait(10)
        threading.Timer(0.3, leave.set).start()

    guest.join()
    assert seen == [(1,)]
    assert not answers(home)


def test_a_failed_start_reports_the_reason(home):
    with database(home, "1"):
        pass
    (home / "postgres" / "global" / "pg_control").unlink()

    with (
        pytest.raises(CannotStart, match=r"^The database did not start: .*pg_control.*\.$"),
        database(home, "1"),
    ):
        pass


def test_a_database_of_another_major_version_is_refused(home):
    with database(home, "1"):
        pass
    (home / "postgres" / "PG_VERSION").write_text("19\n")

    with (
        pytest.raises(
            CannotStart,
            match="belongs to PostgreSQL 19, but this Reading Room includes PostgreSQL 18",
        ),
        database(home, "1"),
    ):
        pass


def test_a_folder_without_a_database_is_refused_unchanged(home):
    (home / "postgres").mkdir(parents=True)
    (home / "postgres" / "diary.txt").write_text("mine")
    os.chown(home / "postgres", 65534, 65534) if os.geteuid() == 0 else None

    with pytest.raises(CannotStart, match="is not a PostgreSQL database"), database(home, "1"):
        pass

    assert (home / "postgres" / "diary.txt").read_text() == "mine"


def test_an_interrupted_initdb_is_repeated(home, ask):
    (home / "postgres.new" / "base").mkdir(parents=True)

    with database(home, "1"):
        assert ask(home, "SELECT 1") == (1,)


@ROOTLY
def test_an_inaccessible_parent_folder_is_named_and_its_mode_kept(place):
    closed = place / "closed"
    closed.mkdir(mode=0o700)

    with (
        pytest.raises(CannotStart, match=f"has no access to {closed};"),
        database(closed / "var", "1"),
    ):
        pass

    assert closed.stat().st_mode & 0o777 == 0o700


@ROOTLY
def test_under_root_the_files_belong_to_a_system_user(home):
    with database(home, "1"):
        assert (home / "postgres").stat().st_uid != 0
        assert (
            psutil.Process(postmaster(home)).uids().effective == (home / "postgres").stat().st_uid
        )


def test_the_reason_is_the_last_fatal_line_of_the_log(tmp_path):
    said = [
        "2026 LOG:  starting",
        'FATAL:  could not open directory "pg_tblspc".',
        "LOG:  database system is shut down",
    ]

    assert (
        str(cluster.failure(said, tmp_path))
        == 'The database did not start: could not open directory "pg_tblspc".'
    )


def test_a_full_disk_is_reported_as_the_reason(tmp_path):
    said = ['PANIC:  could not write to file "pg_wal/xlogtemp.9": No space left on device']

    assert "is full" in str(cluster.failure(said, tmp_path))


def test_variables_of_the_environment_do_not_reach_the_server(monkeypatch):
    monkeypatch.setenv("PGPORT", "9999")

    assert not [name for name in server.program(Path("/x"), None, {}).env if name.startswith("PG")]
