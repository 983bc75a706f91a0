"""Writes of connections and models, with their rules. Callers check permissions."""

import re
import secrets
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import Group, User
from audit.services import record
from providers.connections import cache
from providers.connections.checks import check
from providers.connections.defaults import change_defaults, default
from providers.key_encryption import seal
from providers.models import Connection, Model, ServerSetting
from providers.signals import connection_deleted
from web.exceptions import Refusal

RESERVED_SLUGS = {"workspace", "workspaces", "builtin", "rerank"}
_MAX_SLUG_STEM_CHARACTERS = 32
_BLANK_OR_CONTROL = re.compile(r"[\s\x00-\x1f]")


def create_connection(
    *,
    name: str,
    base_url: str,
    kind: str = Connection.Kind.OLLAMA,
    api_key: str = "",
    enabled: bool = True,
    by: User | None,
) -> Connection:
    """Add a connection without a request to its server; raises `ValidationError`."""
    connection = Connection(
        name=name.strip(), kind=kind, base_url=clean_address(base_url), enabled=enabled
    )
    connection.sealed_key = _encrypted(api_key)
    connection.full_clean(exclude=["slug"])
    with transaction.atomic():
        _save_with_free_slug(connection)
        record("connection.created", by=by, about=connection)
    cache.forget()
    return connection


@transaction.atomic
def change_connection(connection: Connection, *, by: User, **changes: Any) -> Connection:
    """Change `name`, `kind`, `base_url`, `api_key`, `enabled`; raises `ValidationError`.

    `api_key` None keeps the key and "" removes it. A new host also removes the key unless it is
    given, so that no server receives the key of another.
    """
    connection.refresh_from_db(from_queryset=Connection.objects.select_for_update(no_key=True))
    api_key = changes.pop("api_key", None)
    if "base_url" in changes:
        changes["base_url"] = clean_address(changes["base_url"])
        if _origin(changes["base_url"]) != _origin(connection.base_url) and api_key is None:
            api_key = ""
    for field, value in changes.items():
        setattr(connection, field, value)
    if api_key is not None:
        connection.sealed_key = _encrypted(api_key)
    connection.full_clean()
    connection.save()
    record("connection.changed", by=by, about=connection)
    cache.forget()
    return connection


@transaction.atomic
def delete_connection(connection: Connection, *, by: User) -> None:
    """Delete a connection with its models, and reset the settings that use them.

    Receivers of `connection_deleted` reset the workspaces.
    """
    names = [f"{kind}_model" for kind in Model.Kind.values]
    lost = [name for name in names if str(default(name)).partition("/")[0] == connection.slug]
    change_defaults(dict.fromkeys(lost), by=by)
    record("connection.deleted", by=by, about=connection)
    slug = connection.slug
    connection.delete()
    cache.forget()
    connection_deleted.send(sender=Connection, slug=slug, by=by)


def check_connection(connection: Connection, *, model: str = "", by: User) -> Connection:
    """Check a connection and save the results and the offered models; takes up to a minute."""
    check(connection, model=model)
    record("connection.checked", by=by, about=connection)
    return connection


@transaction.atomic
def change_model(
    model: Model,
    *,
    by: User,
    is_default: bool | None = None,
    groups: Iterable[Group] | None = None,
    **changes: Any,
) -> Model:
    """Change a model; raises `ValidationError`.

    `changes` may have `label`, `kind`, `enabled`, `context_tokens` and `takes_system_prompt`. Only
    members of `groups` may use the model, all users if empty. `is_default` sets or unsets the
    server's default for the model's kind.
    """
    was_default = is_default_model(model)
    for field, value in changes.items():
        setattr(model, field, value)
    if is_default and not model.enabled:
        raise ValidationError({"enabled": _("Only an enabled model can be the default.")})
    stays_default = was_default and is_default is not False
    if stays_default and not (model.enabled and is_default_model(model)):
        raise ValidationError(
            {"enabled": _("This is the server default. Make another model the default first.")}
        )
    model.full_clean()
    model.save()
    if groups is not None:
        model.groups.set(groups)
    if is_default is not None and is_default != was_default:
        change_defaults({f"{model.kind}_model": model.model_id if is_default else None}, by=by)
    record("model.changed", by=by, about=model)
    cache.forget()
    return model


def is_default_model(model: Model) -> bool:
    """Whether workspaces without a model of this kind use this model."""
    return bool(default(f"{model.kind}_model") == model.model_id)


@transaction.atomic
def connect_once(
    variable: str, *, name: str, kind: str, base_url: str, api_key: str = ""
) -> Connection | None:
    """Create the connection of an environment variable once; a deleted one is not created again."""
    _row, is_new = ServerSetting.objects.get_or_create(
        name=f"environment.{variable}", defaults={"value": True}
    )
    if not is_new:
        return None
    return create_connection(name=name, kind=kind, base_url=base_url, api_key=api_key, by=None)


def clean_address(base_url: str) -> str:
    """Return the server address without trailing slashes; raises `ValidationError`."""
    address = base_url.strip().rstrip("/")
    try:
        parts = urlsplit(address)
        has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        has_host = False
    if not has_host or parts.scheme not in {"http", "https"} or _BLANK_OR_CONTROL.search(address):
        raise ValidationError(
            {
                "base_url": _(
                    "Enter an address that starts with http:// or https:// and contains a host name."
                )
            }
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValidationError(
            {
                "base_url": _(
                    "Remove user names, “?” and “#” from the address. Enter the key in its own field."
                )
            }
        )
    return address


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc.lower()


def _encrypted(api_key: str) -> bytes | None:
    key = api_key.strip()
    if not key.isascii() or not key.isprintable():
        raise ValidationError(
            {"api_key": _("An API key contains no spaces or special letters. Copy it again.")}
        )
    try:
        return seal(key) if key else None
    except OSError as error:
        sentence = _("The API key cannot be saved: the server cannot write to its data folder.")
        raise Refusal(sentence, code="data_dir_closed", status=507) from error


def _save_with_free_slug(connection: Connection) -> None:
    stem = slugify(connection.name)[:_MAX_SLUG_STEM_CHARACTERS].strip("-_") or connection.kind
    free = [] if stem in RESERVED_SLUGS else [stem]
    for slug in [
        *free,
        *(f"{stem}-{number}" for number in range(2, 20)),
        f"{stem}-{secrets.token_hex(3)}",
    ]:
        connection.slug = slug
        try:
            with transaction.atomic():
                connection.save(force_insert=True)
        except IntegrityError:
            continue
        return
    raise Refusal(_("This name cannot be used. Try another one."))
