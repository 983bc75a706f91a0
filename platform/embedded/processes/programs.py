"""What Reading Room consists of: the programs that the supervisor keeps running, and how each is called."""

import os
import signal
import sys
from dataclasses import replace

from embedded.child_process import Program
from embedded.privacy import NO_TELEMETRY
from embedded.processes.options import Options
from embedded.terminal_language import ROOT

INDEX, MAINTENANCE = "index", "maintenance"
LONG_TASKS = 2


def web(options: Options, listener: int) -> Program:
    """Return the web server on the socket with descriptor `listener`."""
    program = _python("web", options, "-m", "embedded.processes.serve", str(listener))
    # Django spools what is uploaded to the temporary folder, which on many machines is memory.
    own = {"DATABASE_POOL": "1", "TMPDIR": str(options.data_dir / "tmp")}
    return replace(program, env={**program.env, **own}, pass_fds=(listener,), stop=_gently(8.0))


def worker(options: Options, number: int = 1) -> Program:
    """Return a worker that indexes documents; several have a number each."""
    return _celery("worker" if number == 1 else f"worker-{number}", options, INDEX)


def maintenance(options: Options) -> Program:
    """Return the worker that does the rest; on its own, so that a full pool of documents cannot starve it.

    Building an index and purging a workspace may take many minutes. Each is done by one at a time, and what looks after
    the queue and the answers every few seconds must not wait for them.
    """
    return _celery("maintenance", options, MAINTENANCE, "--concurrency", str(LONG_TASKS + 1))


def preparation(options: Options) -> Program:
    """Return what must have run once before all others: migrations, first administrator, set-up code."""
    return _python("prepare", options, str(ROOT / "manage.py"), "prepare")


def _celery(name: str, options: Options, queue: str, *more: str) -> Program:
    quiet = ["--quiet", "--no-color", "-A", "config", "worker", "--loglevel", "WARNING"]
    lonely = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    called = ["--pool", "threads", "-Q", queue, "--hostname", f"{name}-{options.port}@%h"]
    program = _python(name, options, "-m", "celery", *quiet, *lonely, *called, *more)
    # As root Celery warns of pickled messages, which it does not accept here.
    env = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges", **program.env}
    return replace(program, env=env, stop=_gently(5.0))


def _python(name: str, options: Options, *arguments: str) -> Program:
    return Program(name, [sys.executable, *arguments], _environment(options), ROOT)


def _gently(seconds: float) -> tuple[tuple[signal.Signals, float], ...]:
    return ((signal.SIGTERM, seconds), (signal.SIGKILL, 5.0))


def _environment(options: Options) -> dict[str, str]:
    roots = [str(ROOT), str(ROOT / "platform")]
    return {
        # Threads that each keep an arena of their own would double the memory of the workers.
        "MALLOC_ARENA_MAX": "2",
        "PYTHONUNBUFFERED": "1",
        "PYTHONFAULTHANDLER": "1",  # A process that hangs says where, before the supervisor ends it.
        **os.environ,
        **NO_TELEMETRY,
        "DATA_DIR": str(options.data_dir),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": os.pathsep.join([*roots, *filter(None, [os.environ.get("PYTHONPATH")])]),
    }
