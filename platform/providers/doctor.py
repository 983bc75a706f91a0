"""What `manage.py doctor` looks at here: whether the keys of connections can still be read."""

from django.db import DatabaseError
from django.utils.translation import gettext as _

from embedded.doctor import Finding
from providers.models import Connection


def connections() -> Finding:
    """Every key that was given can be read with the one in DATA_DIR."""
    try:
        rows = list(Connection.objects.all())
    except DatabaseError:
        return Finding("servers", True, _("Connections were not looked at, as the database does not answer."))
    lost = [connection.name for connection in rows if connection.api_key is None]
    if lost:
        detail = _("The keys of these connections cannot be read any more: %s.") % ", ".join(lost)
        return Finding("servers", False, detail, _("Enter them again on the page “Connections”."))
    return Finding("servers", True, _("Connections to model servers: %d; all keys can be read.") % len(rows))
