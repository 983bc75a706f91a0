"""`manage.py doctor`: prints the findings of `embedded.health.doctor`, with advice."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from embedded.health.doctor import examine


class Command(BaseCommand):
    """Prints one line per part; fails if a part is not well."""

    help = "Look at every part of Reading Room and say what to do about what is wrong."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --json."""
        parser.add_argument(
            "--json", action="store_true", help="print a list of findings instead of lines"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each finding immediately, or all findings at the end as JSON."""
        findings = []
        for finding in examine():
            findings.append(finding)
            if not options["json"]:
                mark = self.style.SUCCESS("ok  ") if finding.ok else self.style.ERROR("FAIL")
                self.stdout.write(f"{mark} {finding.name:<9} {finding.detail}")
                if finding.advice and not finding.ok:
                    self.stdout.write(f"     {'':<9} {finding.advice}")
        if options["json"]:
            self.stdout.write(
                json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2)
            )
        if ill := sum(not finding.ok for finding in findings):
            raise CommandError(_("%d of %d checks need attention.") % (ill, len(findings)))
