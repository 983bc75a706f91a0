"""Runs one part of Reading Room in the foreground: `manage.py run web`.

It is for containers and service managers.

The service manager restarts it, as the supervisor does under `up`. Run `manage.py prepare` before,
at least once.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NoReturn

from embedded.child_process import Program, raise_file_limit
from embedded.data_dir import checks as folders
from embedded.exceptions import CannotStart
from embedded.processes import programs
from embedded.processes.listener import listen
from embedded.processes.options import SupervisorOptions, from_environment, refuse_malformed
from embedded.terminal_language import gettext as _


def run(words: Sequence[str]) -> NoReturn:
    """Replace this process by the named part; raises `CannotStart` if it cannot start."""
    raise_file_limit()
    os.umask(0o077)  # Files in DATA_DIR are closed to other users.
    part = PARTS.get(words[0] if len(words) == 1 else "")
    if part is None:
        raise CannotStart(_("Name the process to run: %s.") % ", ".join(PARTS))
    options = from_environment()
    folders.prepare(options.data_dir, options.version)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    refuse_malformed()
    _refuse_newer_database()
    program = part(options)
    os.chdir(program.cwd)
    os.execve(program.argv[0], list(program.argv), dict(program.env))


def _refuse_newer_database() -> None:
    """Raise `CannotStart` if a newer version has migrated the database.

    A database that does not answer is ignored: the part waits for it.
    """
    import django
    from django.db import OperationalError

    from embedded.postgres import preparation

    django.setup()
    with suppress(OperationalError):
        preparation.refuse_newer()


def _web(options: SupervisorOptions) -> Program:
    listener = listen(options)
    listener.set_inheritable(True)
    return programs.web(options, listener.detach())


PARTS: dict[str, Callable[[SupervisorOptions], Program]] = {
    "web": _web,
    "worker": programs.worker,
    "maintenance": programs.maintenance,
}
