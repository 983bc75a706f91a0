"""`manage.py setupcode`: prints the set-up code while there is no administrator."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.services import first_administrator_missing
from accounts.sign_in.setup import setup_code


class Command(BaseCommand):
    """Prints the code that the set-up page asks for."""

    help = "Print the code that the set-up page asks for, while there is no administrator yet."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the command."""
        if first_administrator_missing():
            self.stdout.write(setup_code())
