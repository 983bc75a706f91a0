"""What workspaces use where they say nothing: as administrators have set it, else as the settings have it."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from accounts.models import User
from audit.services import record
from providers.connections import cache
from providers.models import ServerSetting


def default(name: str) -> Any:
    """Return the server's default for the workspace setting `name`."""
    own = cache.current().settings.get(name)
    return settings.WORKSPACE_DEFAULTS[name] if own is None else own


@transaction.atomic
def change_defaults(changes: Mapping[str, Any], *, by: User | None) -> None:
    """Set defaults; None goes back to what the settings have. Values are the caller's to check.

    The layers above hear of it through `settings.DEFAULTS_CHANGED`, in the same transaction.
    """
    for name, value in changes.items():
        if value is None:
            ServerSetting.objects.filter(name=name).delete()
        else:
            ServerSetting.objects.update_or_create(name=name, defaults={"value": value})
        record("default.changed", by=by, about=ServerSetting(name=name))
    cache.forget()
    for path in settings.DEFAULTS_CHANGED:
        import_string(path)(list(changes))
