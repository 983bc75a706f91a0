"""Signals of the embedded stack; receivers connect in their app's `AppConfig.ready`."""

from django.dispatch import Signal

# Sent by `manage.py prepare` after all migrations, without arguments. No process serves yet after
# an upgrade.
database_prepared = Signal()

# Sent by `manage.py doctor`, without arguments. A receiver returns a list of
# `embedded.health.doctor.Check`, which run with the database started.
doctor_checks_requested = Signal()
