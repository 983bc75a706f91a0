"""One part of Reading Room in the foreground: `manage.py run web`, for containers and service managers.

They keep it running, as the supervisor does under `up`. Run `manage.py prepare` before, once or as often as one likes.
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
from embedded.processes.options import Options, from_environment, refuse_malformed
from embedded.terminal_language import gettext as _


def run(words: Sequence[str]) -> NoReturn:
    """Become the part that is named; raises `CannotStart` when that cannot be."""
    raise_file_limit()
    os.umask(0o077)  # Whatever is written into DATA_DIR is nobody else's.
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
    """Raise `CannotStart` if a newer Reading Room has migrated the database.

    A database that does not answer yet is no reason: the part waits for it.
    """
    import django
    from django.db import OperationalError

    from embedded.postgres import preparation

    django.setup()
    with suppress(OperationalError):
        preparation.refuse_newer()


def _web(options: Options) -> Program:
    listener = listen(options)
    listener.set_inheritable(True)
    return programs.web(options, listener.detach())


PARTS: dict[str, Callable[[Options], Program]] = {
    "web": _web,
    "worker": programs.worker,
    "maintenance": programs.maintenance,
}
