"""The command lines of the programs that the supervisor runs."""

import os
import signal
import sys
from dataclasses import replace

from embedded.child_process import Program
from embedded.privacy import NO_TELEMETRY
from embedded.processes.options import SupervisorOptions
from embedded.terminal_language import ROOT

INDEX_QUEUE, MAINTENANCE_QUEUE = "index", "maintenance"
CONCURRENT_LONG_TASKS = 2


def web(options: SupervisorOptions, listener: int) -> Program:
    """Return the web server on the socket with descriptor `listener`."""
    program = _python("web", options, "-m", "embedded.processes.serve", str(listener))
    # Django writes uploads to the temporary folder, which on many systems is in memory.
    own = {"DATABASE_POOL": "1", "TMPDIR": str(options.data_dir / "tmp")}
    return replace(
        program, env={**program.env, **own}, pass_fds=(listener,), stop=_stop_sequence(8.0)
    )


def worker(options: SupervisorOptions, number: int = 1) -> Program:
    """Return the worker of this number, which indexes documents."""
    return _celery("worker" if number == 1 else f"worker-{number}", options, INDEX_QUEUE)


def maintenance(options: SupervisorOptions) -> Program:
    """Return the worker of all other tasks, which a full pool of documents must not delay.

    Building an index and purging a workspace may take many minutes. Each runs once at a time, and
    one more thread serves the short tasks that run every few seconds.
    """
    return _celery(
        "maintenance", options, MAINTENANCE_QUEUE, "--concurrency", str(CONCURRENT_LONG_TASKS + 1)
    )


def preparation(options: SupervisorOptions) -> Program:
    """Return the program that runs first: migrations, first administrator, set-up code."""
    return _python("prepare", options, str(ROOT / "manage.py"), "prepare")


def _celery(name: str, options: SupervisorOptions, queue: str, *more: str) -> Program:
    quiet = ["--quiet", "--no-color", "-A", "config", "worker", "--loglevel", "WARNING"]
    isolated = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    identity = ["--pool", "threads", "-Q", queue, "--hostname", f"{name}-{options.port}@%h"]
    program = _python(name, options, "-m", "celery", *quiet, *isolated, *identity, *more)
    # As root, Celery warns of pickled messages, which are not accepted anyway.
    env = {
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
        **program.env,
    }
    return replace(program, env=env, stop=_stop_sequence(5.0))


def _python(name: str, options: SupervisorOptions, *arguments: str) -> Program:
    return Program(name, [sys.executable, *arguments], _environment(options), ROOT)


def _stop_sequence(seconds: float) -> tuple[tuple[signal.Signals, float], ...]:
    return ((signal.SIGTERM, seconds), (signal.SIGKILL, 5.0))


def _environment(options: SupervisorOptions) -> dict[str, str]:
    roots = [str(ROOT), str(ROOT / "platform")]
    return {
        # An arena per thread doubles the memory of the workers.
        "MALLOC_ARENA_MAX": "2",
        "PYTHONUNBUFFERED": "1",
        "PYTHONFAULTHANDLER": "1",  # Writes the stacks of a hung process on SIGABRT.
        **os.environ,
        **NO_TELEMETRY,
        "DATA_DIR": str(options.data_dir),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": os.pathsep.join([*roots, *filter(None, [os.environ.get("PYTHONPATH")])]),
    }
