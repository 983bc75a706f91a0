"""The server's defaults of workspace settings: from administrators, else from `settings`."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import User
from audit.services import record
from providers.connections import cache
from providers.models import ServerSetting
from providers.signals import defaults_changed


def default(name: str) -> Any:
    """Return the server's default for the workspace setting `name`."""
    own = cache.current().settings.get(name)
    return settings.WORKSPACE_DEFAULTS[name] if own is None else own


@transaction.atomic
def change_defaults(changes: Mapping[str, Any], *, by: User | None) -> None:
    """Set defaults; None restores the value of `settings`. Callers validate the values.

    Sends `defaults_changed` within the transaction.
    """
    for name, value in changes.items():
        if value is None:
            ServerSetting.objects.filter(name=name).delete()
        else:
            ServerSetting.objects.update_or_create(name=name, defaults={"value": value})
        record("default.changed", by=by, about=ServerSetting(name=name))
    cache.forget()
    defaults_changed.send(sender=ServerSetting, names=list(changes))
