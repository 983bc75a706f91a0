"""What administrators do with connections and models: rules, but not permissions, which the caller has checked."""

import re
import secrets
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import Group, User
from audit.services import record
from providers.connections import cache
from providers.connections.checks import check
from providers.connections.defaults import change_defaults, default
from providers.key_encryption import seal
from providers.models import Connection, Model, ServerSetting
from web.exceptions import Refusal

RESERVED = {"workspace", "workspaces", "builtin", "rerank"}
_SLUG_LENGTH = 32
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
    """Add a model server. Nothing is sent to it yet; raises `ValidationError`."""
    connection = Connection(name=name.strip(), kind=kind, base_url=clean_address(base_url), enabled=enabled)
    connection.sealed_key = _sealed(api_key)
    connection.full_clean(exclude=["slug"])
    with transaction.atomic():
        _save_with_free_slug(connection)
        record("connection.created", by=by, about=connection)
    cache.forget()
    return connection


@transaction.atomic
def change_connection(connection: Connection, *, by: User, **changes: Any) -> Connection:
    """Change `name`, `kind`, `base_url`, `api_key`, `enabled`; raises `ValidationError`.

    A key of None or not given stays, an empty one goes. With another host the key goes too unless it is given again:
    it was meant for the other one.
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
        connection.sealed_key = _sealed(api_key)
    connection.full_clean()
    connection.save()
    record("connection.changed", by=by, about=connection)
    cache.forget()
    return connection


@transaction.atomic
def delete_connection(connection: Connection, *, by: User) -> None:
    """Delete a connection with its models. What names one of them goes back to the server's default."""
    names = [f"{kind}_model" for kind in Model.Kind.values]
    change_defaults({name: None for name in names if _leads_to(default(name), connection)}, by=by)
    record("connection.deleted", by=by, about=connection)
    slug = connection.slug
    connection.delete()
    cache.forget()
    for path in settings.CONNECTION_DELETED:
        import_string(path)(slug, by=by)


def check_connection(connection: Connection, *, model: str = "", by: User) -> Connection:
    """Look whether a connection works; what was found stands in it afterwards. Takes up to a minute."""
    check(connection, model=model)
    record("connection.checked", by=by, about=connection)
    return connection


@transaction.atomic
def change_model(
    model: Model, *, by: User, is_default: bool | None = None, groups: Iterable[Group] | None = None, **changes: Any
) -> Model:
    """Change `label`, `kind`, `enabled`, `context_tokens`, `takes_system_prompt`; raises `ValidationError`.

    `groups` are those that may use it, none for everybody; `is_default` makes it the server's default for its kind, or
    gives that up.
    """
    was_default = is_default_model(model)
    for field, value in changes.items():
        setattr(model, field, value)
    _refuse_lost_default(model, was_default=was_default and is_default is not False, becomes=bool(is_default))
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
    """Whether workspaces use this model where they say nothing."""
    return bool(default(f"{model.kind}_model") == model.model_id)


@transaction.atomic
def connect_once(variable: str, *, name: str, kind: str, base_url: str, api_key: str = "") -> Connection | None:
    """Make the connection that a variable of the environment asks for, unless that was ever done: it may be deleted."""
    _row, is_new = ServerSetting.objects.get_or_create(name=f"environment.{variable}", defaults={"value": True})
    if not is_new:
        return None
    return create_connection(name=name, kind=kind, base_url=base_url, api_key=api_key, by=None)


def clean_address(base_url: str) -> str:
    """Return the address of a server, checked; raises `ValidationError`."""
    address = base_url.strip().rstrip("/")
    try:
        parts = urlsplit(address)
        has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        has_host = False
    if not has_host or parts.scheme not in {"http", "https"} or _BLANK_OR_CONTROL.search(address):
        raise ValidationError(
            {"base_url": _("Enter an address that starts with http:// or https:// and contains a host name.")}
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValidationError(
            {"base_url": _("Remove user names, “?” and “#” from the address. Enter the key in its own field.")}
        )
    return address


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc.lower()


def _sealed(api_key: str) -> bytes | None:
    key = api_key.strip()
    if not key.isascii() or not key.isprintable():
        raise ValidationError({"api_key": _("An API key contains no spaces or special letters. Copy it again.")})
    try:
        return seal(key) if key else None
    except OSError as error:
        sentence = _("The API key cannot be saved: the server cannot write to its data folder.")
        raise Refusal(sentence, code="data_dir_closed", status=507) from error


def _save_with_free_slug(connection: Connection) -> None:
    stem = slugify(connection.name)[:_SLUG_LENGTH].strip("-_") or connection.kind
    free = [] if stem in RESERVED else [stem]
    for slug in [*free, *(f"{stem}-{number}" for number in range(2, 20)), f"{stem}-{secrets.token_hex(3)}"]:
        connection.slug = slug
        try:
            with transaction.atomic():
                connection.save(force_insert=True)
        except IntegrityError:
            continue
        return
    raise Refusal(_("This name cannot be used. Try another one."))


def _leads_to(model: object, connection: Connection) -> bool:
    return str(model).partition("/")[0] == connection.slug


def _refuse_lost_default(model: Model, *, was_default: bool, becomes: bool) -> None:
    if becomes and not model.enabled:
        raise ValidationError({"enabled": _("Only an enabled model can be the default.")})
    if was_default and not (model.enabled and is_default_model(model)):
        raise ValidationError({"enabled": _("This is the server default. Make another model the default first.")})
