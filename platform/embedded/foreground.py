"""One part of Reading Room in the foreground: `manage.py run web`, for containers and service managers.

They keep it running, as the supervisor does under `up`. Run `manage.py prepare` before, once or as often as one likes.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NoReturn

from embedded import data_dir as folders
from embedded import stack
from embedded.children import Program, raise_file_limit
from embedded.exceptions import CannotStart
from embedded.language import gettext as _
from embedded.listener import listen
from embedded.options import Options, from_environment, refuse_malformed


def run(words: Sequence[str]) -> NoReturn:
    """Become the part that is named; raises `CannotStart` when that cannot be."""
    raise_file_limit()
    os.umask(0o077)  # Whatever is written into DATA_DIR is nobody else's.
    part = PARTS.get(words[0] if len(words) == 1 else "")
    if part is None:
        raise CannotStart(_("Say which part is to run: %s.") % ", ".join(PARTS))
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

    from embedded import preparing

    django.setup()
    with suppress(OperationalError):
        preparing.refuse_newer()


def _web(options: Options) -> Program:
    listener = listen(options)
    listener.set_inheritable(True)
    return stack.web(options, listener.detach())


PARTS: dict[str, Callable[[Options], Program]] = {
    "web": _web,
    "worker": stack.worker,
    "maintenance": stack.maintenance,
}
