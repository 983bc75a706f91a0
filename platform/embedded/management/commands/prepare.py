"""`manage.py prepare`: migrations and first administrator, before any part serves.

Concurrent runs wait for one another.

It prints the set-up code while there is no administrator, and errors.
"""

from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils.translation import gettext as _

from embedded.exceptions import CannotStart
from embedded.postgres import preparation, prepared_stamp
from embedded.signals import database_prepared


class Command(BaseCommand):
    """Migrates, creates the environment's administrator and connections, prints the set-up code."""

    help = "Bring the database up to date and see to the first administrator; `up` does this by itself."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Run all steps in one process, since each start of Django takes a second."""
        try:
            preparation.refuse_old()
            with preparation.one_at_a_time():
                self._prepare()
        except CannotStart as exc:
            raise CommandError(str(exc)) from exc
        except DatabaseError as exc:
            raise CommandError(preparation.explained(exc)) from exc

    def _prepare(self) -> None:
        preparation.refuse_newer()
        call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
        database_prepared.send(sender=type(self))
        call_command("createadmin", from_environment=True, verbosity=0)
        call_command("connect", verbosity=0)
        output = StringIO()
        call_command("setupcode", stdout=output)
        if code := output.getvalue().strip():
            self.stdout.write(
                _("Setup code, required when the page is opened from another machine: %s") % code
            )
        else:
            prepared_stamp.forget_setup_code(settings.DATA_DIR)
