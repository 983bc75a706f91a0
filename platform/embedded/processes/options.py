"""Options of the supervisor, read from the environment without Django, for a quick start.

config/settings.py reads the same variables for all other processes; a test compares the two.
"""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from embedded.exceptions import CannotStart
from embedded.terminal_language import ROOT
from embedded.terminal_language import gettext as _


@dataclass(frozen=True, slots=True)
class SupervisorOptions:
    """Data folder, listening address and public address of one server."""

    data_dir: Path
    host: str
    port: int
    public_url: str
    external_database: bool
    version: str
    workers: int = 1

    @property
    def address(self) -> str:
        """The address to print: PUBLIC_URL, or else the listening address."""
        if self.public_url:
            return self.public_url
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def from_environment() -> SupervisorOptions:
    """Return the options of this process; raises `CannotStart` for an invalid number."""
    return SupervisorOptions(
        data_dir=data_dir(),
        host=_text("HOST") or "127.0.0.1",
        port=_port(),
        public_url=_text("PUBLIC_URL").rstrip("/"),
        external_database=has_external_database(),
        version=version(),
        workers=_workers(),
    )


def refuse_malformed() -> None:
    """Raise `CannotStart` with one sentence about an invalid variable.

    Loads Django's settings, so the supervisor itself must not call it.
    """
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    try:
        getattr(settings, "DATA_DIR")  # noqa: B009 - the first access reads all settings.
    except (ImproperlyConfigured, ValueError) as error:
        raise CannotStart(_("The settings are invalid: %s") % error) from error


def data_dir() -> Path:
    """Return DATA_DIR, absolute."""
    return Path(_text("DATA_DIR") or ROOT / "var").expanduser().absolute()


def has_external_database() -> bool:
    """Return whether the environment names a database."""
    return bool(_text("DATABASE_URL") or _text("DATABASE_URL_FILE"))


def version() -> str:
    """Return the version of this Reading Room."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


def _text(name: str) -> str:
    return os.environ.get(name, "").strip()


def _port() -> int:
    value = _text("PORT") or "8000"
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise CannotStart(_("PORT must be a number from 1 to 65535, not %r.") % value)
    return int(value)


def _workers() -> int:
    """Return the number of worker processes.

    Each uses one core, because of Python's interpreter lock.
    """
    value = _text("WORKER_PROCESSES") or str(min(2, os.cpu_count() or 1))
    if not value.isdecimal() or not 0 < int(value) <= 64:
        raise CannotStart(_("WORKER_PROCESSES must be a number from 1 to 64, not %r.") % value)
    return int(value)
