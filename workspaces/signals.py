"""Signals of workspaces; receivers connect in their app's `AppConfig.ready`."""

from django.dispatch import Signal

# Settings of a workspace, or server defaults that it follows, changed. Argument: `workspace:
# Workspace`. Sent within the transaction of the change.
workspace_changed = Signal()
