"""`manage.py createadmin`: creates an administrator, or resets the password of one."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts import services
from accounts.models import User
from config import env


class Command(BaseCommand):
    """Adds an administrator; with --reset gives an existing one a new password."""

    help = "Add an administrator. With --reset, give an existing user a new password and make them administrator again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options."""
        parser.add_argument("--email", help="the e-mail address; asked for when missing")
        parser.add_argument("--name", default="", help="the name shown to others")
        parser.add_argument(
            "--reset", action="store_true", help="the user exists; set a new password"
        )
        parser.add_argument(
            "--from-environment",
            action="store_true",
            help="use ADMIN_EMAIL and ADMIN_PASSWORD, if there is no administrator yet",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the command."""
        try:
            if options["from_environment"]:
                email, password = env.secret("ADMIN_EMAIL"), env.secret("ADMIN_PASSWORD")
                if email and password and services.first_administrator_missing():
                    services.create_first_administrator(
                        email=email, name=email.partition("@")[0], password=password
                    )
            else:
                self._create_or_reset(options)
        except ValidationError as exc:
            raise CommandError(" ".join(exc.messages)) from None

    def _create_or_reset(self, options: dict[str, Any]) -> None:
        email = options["email"] or input(_("E-mail address") + ": ")
        password = env.secret("ADMIN_PASSWORD") or getpass.getpass(_("Password") + ": ")
        existing = User.objects.named(email).first()
        if options["reset"]:
            if existing is None:
                raise CommandError(_("There is no user %(email)s.") % {"email": email})
            services.reset_administrator(existing, password=password)
        elif existing is not None:
            said = _("%(email)s already exists; use --reset to set a new password.")
            raise CommandError(said % {"email": email})
        else:
            name = options["name"] or email.partition("@")[0]
            services.create_user(email=email, name=name, password=password, is_admin=True, by=None)
        self.stdout.write(_("%(name)s can sign in now.") % {"name": email})
