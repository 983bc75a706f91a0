"""The check of `manage.py doctor`: keys of connections are readable, and servers answer."""

from concurrent.futures import ThreadPoolExecutor

from django.db import DatabaseError
from django.utils.translation import gettext as _

from embedded.health.doctor import Finding
from providers.connections.checks import check_parse_server, failure
from providers.connections.factory import server_of
from providers.exceptions import ProviderError
from providers.models import Connection

_MAX_CONCURRENT_CHECKS = 8


def connections() -> Finding:
    """Every key can be decrypted, and every enabled server answers."""
    try:
        rows = list(Connection.objects.all())
    except DatabaseError:
        return Finding(
            "servers",
            True,
            _("Connections were not checked, because the database is not responding."),
        )
    lost = [connection.name for connection in rows if connection.api_key is None]
    if lost:
        detail = _("The API keys of these connections cannot be decrypted: %s.") % ", ".join(lost)
        return Finding(
            "servers", False, detail, _("Enter the keys again on the page “Connections”.")
        )
    with ThreadPoolExecutor(_MAX_CONCURRENT_CHECKS) as threads:
        silent = list(
            filter(
                None,
                threads.map(_trouble, [connection for connection in rows if connection.enabled]),
            )
        )
    if silent:
        return Finding(
            "servers",
            False,
            " ".join(silent),
            _("Test these connections on the page “Connections”."),
        )
    return Finding(
        "servers",
        True,
        _("Connections: %d; all are responding, all API keys are readable.") % len(rows),
    )


def _trouble(connection: Connection) -> str:
    """Return the error of a server, "" if it answers in its protocol."""
    if connection.parses:
        tried = check_parse_server(connection)
        return "" if tried.ok else f"{connection.name}: {tried.message}"
    try:
        server_of(connection, for_check=True).version()
    except ProviderError as error:
        return f"{connection.name}: {failure(error).message}"
    return ""
