"""`manage.py run PART`, for the list of `manage.py help`.

`embedded.processes.foreground` runs it without Django.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from embedded.processes import foreground


class Command(BaseCommand):
    """Runs the named part in this process."""

    help = "Run one part in the foreground, for containers and service managers: web, worker or maintenance."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the part's name."""
        parser.add_argument("part", choices=list(foreground.PARTS))

    def handle(self, *args: Any, **options: Any) -> None:
        """Replace this process."""
        foreground.run([options["part"]])
