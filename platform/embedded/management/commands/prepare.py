"""`manage.py prepare`: what the supervisor has done before it serves. It prints what went wrong, if anything."""

from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from embedded import stamp


class Command(BaseCommand):
    """Migrations, what the environment asks for, else the set-up code, which `up` will show."""

    help = "Bring the database up to date and see to the first administrator; `up` does this by itself."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Do all of it in one process: each start of Django costs a second."""
        try:
            call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
        except DatabaseError as exc:
            raise CommandError(str(exc).strip().partition("\n")[0]) from exc
        call_command("createadmin", from_environment=True, verbosity=0)
        call_command("connect", verbosity=0)
        code = StringIO()
        call_command("setupcode", stdout=code)
        if not code.getvalue().strip():
            stamp.forget_setup_code(settings.DATA_DIR)
