"""Signals of `providers`, sent within the transaction; receivers connect in `AppConfig.ready`."""

from django.dispatch import Signal

# A connection was deleted. Arguments: `slug: str` of the connection, `by: User`.
connection_deleted = Signal()

# Defaults of the server changed. Argument: `names: list[str]` of the workspace settings.
defaults_changed = Signal()
