"""Typed reads from the environment: the only module that reads `os.environ` for settings."""

import ipaddress
import os
import re
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

PUBLIC_NETWORKS = "public"
_WORD_SEPARATOR = re.compile(r"[,\s]+")


def text(name: str, default: str = "") -> str:
    """Return variable `name`, or `default` when it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def words(name: str) -> tuple[str, ...]:
    """Return the words of variable `name`, separated by commas or white space."""
    return tuple(word for word in _WORD_SEPARATOR.split(text(name)) if word)


def listed(name: str) -> tuple[str, ...]:
    """Return the texts of variable `name`, separated by commas."""
    return tuple(part.strip() for part in text(name).split(",") if part.strip())


def networks(name: str, *, or_public: bool = False) -> tuple[str, ...]:
    """Return the networks of variable `name`, and with `or_public` also PUBLIC_NETWORKS.

    Raises `ImproperlyConfigured` for a word that is not a network.
    """
    found = words(name)
    for word in set(found) - ({PUBLIC_NETWORKS} if or_public else set()):
        try:
            ipaddress.ip_network(word)
        except ValueError:
            public = f", and the word {PUBLIC_NETWORKS}" if or_public else ""
            said = f"{name} takes ranges of addresses such as 10.0.0.0/8{public}, not {word!r}."
            raise ImproperlyConfigured(said) from None
    return found


def integer(name: str, default: int, *, minimum: int = 0) -> int:
    """Return variable `name` as a whole number.

    Raises `ImproperlyConfigured`, which names the variable, for other texts and below `minimum`.
    """
    value = text(name)
    if not value:
        return default
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None
    if number < minimum:
        raise ImproperlyConfigured(f"{name} must be at least {minimum}, not {value!r}.")
    return number


def boolean(name: str, *, default: bool = False) -> bool:
    """Return whether variable `name` is 1, true, yes or on."""
    value = text(name).lower()
    return value in {"1", "true", "yes", "on"} if value else default


def folder(name: str, default: Path) -> Path:
    """Return variable `name` as an absolute path."""
    return Path(text(name) or default).expanduser().absolute()


def secret(name: str) -> str:
    """Return variable `name`, or the content of the file in `name`_FILE; "" if neither is set."""
    if path := text(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name}_FILE names {path}, which cannot be read: {error.strerror}."
            ) from None
    return text(name)


def database(url: str, *, password: str = "") -> dict[str, object]:
    """Convert `postgres://user:password@host:port/name` to Django's settings.

    `password` applies if the URL contains none.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL is no address: {error}.") from None
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must begin with postgres:// or postgresql://.")
    return {
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(port or ""),
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or "") or password,
    }


def database_options(url: str) -> dict[str, str]:
    """Return the query of a database URL: options of libpq, for example sslmode."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
