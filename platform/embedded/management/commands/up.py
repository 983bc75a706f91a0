"""`manage.py up`, for the list of `manage.py help`.

`embedded.processes.supervisor` runs it without Django.
"""

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand

from embedded.terminal_language import ROOT


class Command(BaseCommand):
    """Runs the supervisor in this process."""

    help = "Start the database, the web server and the workers, and keep them running until Ctrl-C or SIGTERM."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Replace this process by one without Django in it."""
        os.execv(sys.executable, [sys.executable, str(ROOT / "manage.py"), "up"])
