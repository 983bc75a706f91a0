"""The command line: `up` without Django, other commands with the database if they need it."""

import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from embedded import terminal_language
from embedded.exceptions import CannotStart
from embedded.postgres.server import database
from embedded.privacy import disable_telemetry
from embedded.processes import foreground, options, supervisor

# Commands that need no database, or start it themselves.
COMMANDS_WITHOUT_DATABASE = {
    "",
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "doctor",
    "findstatic",
    "help",
    "makemessages",
    "makemigrations",
    "prepare",
    "run",
    "spectacular",
    "startapp",
    "test",
    "up",
    "version",
}

UNDEFINED_TABLE_SQLSTATE = "42P01"


def execute(argv: Sequence[str]) -> None:
    """Run the command of `argv`; a failed start prints one line and exits with 1."""
    disable_telemetry()
    if list(argv[1:]) == ["up"]:
        sys.exit(supervisor.main())
    try:
        if argv[1:2] == ["run"] and not {"-h", "--help"} & set(argv):
            foreground.run(argv[2:])
        with _prepared_for(argv[1:]):
            options.refuse_malformed()
            _activate_terminal_language()
            _run(list(argv))
    except CannotStart as exc:
        sys.exit(str(exc))


def _run(argv: list[str]) -> None:
    from django.core.management import execute_from_command_line
    from django.db import ProgrammingError
    from django.utils.translation import gettext as _

    try:
        execute_from_command_line(argv)
    except ProgrammingError as error:
        if getattr(error.__cause__, "sqlstate", None) != UNDEFINED_TABLE_SQLSTATE:
            raise
        raise CannotStart(
            _(
                "The database is not set up yet. Start Reading Room once with “make up”, then try again."
            )
        ) from error


def _activate_terminal_language() -> None:
    if wanted := terminal_language.of_the_terminal():
        import django
        from django.utils import translation

        django.setup()  # Translation catalogues belong to the apps.
        translation.activate(wanted)


def _prepared_for(arguments: Sequence[str]) -> AbstractContextManager[None]:
    name = next((word for word in arguments if not word.startswith("-")), "")
    asks_for_help = {"-h", "--help", "--version"} & set(arguments)
    if name in COMMANDS_WITHOUT_DATABASE or asks_for_help:
        return nullcontext()
    os.umask(0o077)  # Files in DATA_DIR are closed to other users.
    if options.has_external_database():
        return nullcontext()
    return database(options.data_dir(), options.version())
