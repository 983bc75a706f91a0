"""Writes around people: signing in, making and changing users and groups, tokens, the first administrator."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib.auth import authenticate, password_validation
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.exceptions import AccountRefusal, LastAdministrator, WrongPassword
from accounts.models import ApiToken, Group, User
from accounts.sign_in import setup, throttle
from accounts.sign_in.password_hashing import hashing_slot
from audit.services import record
from web.locks import JobLock, lock_until_commit

TOKEN_PREFIX = "rr_"


def sign_in(*, email: str, password: str, address: str, device: str = "") -> User:
    """Return the user of this e-mail and password; raises `WrongPassword`, `TooManyAttempts` or `TooManySignIns`."""
    throttle.check(email, address, device=device)
    # Counted only when it is its turn: many right sign-ins of one person at once are no guesses.
    with hashing_slot(address), throttle.attempt(email, address, device=device):
        user = authenticate(username=email, password=password)
        if not isinstance(user, User):
            raise WrongPassword
    return user


def create_user(
    *,
    email: str,
    name: str,
    password: str = "",
    is_admin: bool = False,
    is_active: bool = True,
    by: User | None,
) -> User:
    """Add a person. Without a password they cannot sign in until an administrator sets one."""
    user = User(
        email=User.objects.normalize_email(email.strip()), name=name.strip(), is_admin=is_admin, is_active=is_active
    )
    _set_password(user, password)
    _add(user, by=by)
    return user


@transaction.atomic
def _add(user: User, *, by: User | None) -> None:
    _save_unique(user)
    record("user.created", by=by, about=user)


def change_user(user: User, *, by: User, **changes: Any) -> User:
    """Change `email`, `name`, `password`, `is_admin`, `is_active`; raises `LastAdministrator`.

    Whoever is disabled, or given a new password by somebody else, is signed out everywhere, and their tokens end.
    """
    password = changes.pop("password", "")
    was_admin = user.is_admin and user.is_active
    for field, value in changes.items():
        setattr(user, field, value)
    _set_password(user, password)
    with transaction.atomic():
        if was_admin and not (user.is_admin and user.is_active):
            _keep_an_administrator(user)
        _save_unique(user)
        if password or not user.is_active:
            user.tokens.all().delete()
        record("user.changed", by=by, about=user)
    return user


def change_password(user: User, *, old: str, new: str, address: str) -> None:
    """Give `user` a new password of their own choice. Django signs their other sessions out; tokens stay.

    Raises `WrongPassword` unless `old` is the present one; guesses are counted, and no stranger adds to them.
    """
    with hashing_slot(address), throttle.attempt(f"password of {user.pk}", address):
        if not user.check_password(old):
            raise WrongPassword
    _set_password(user, new)
    user.save(update_fields=["password"])
    record("user.password_changed", by=user, about=user)


def _keep_an_administrator(user: User) -> None:
    # All rows in one order: of two administrators who demote each other at once the second waits, and is refused.
    administrators = User.objects.select_for_update().filter(is_admin=True, is_active=True).order_by("pk")
    if not set(administrators) - {user}:
        raise LastAdministrator


def _set_password(user: User, password: str) -> None:
    """Hash `password` into the row, which is not saved; outside a transaction, since hashing takes its time."""
    if password:
        password_validation.validate_password(password, user)
        user.set_password(password)
    elif not user.password:
        user.set_unusable_password()


def _save_unique(row: User | Group) -> None:
    row.full_clean()
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:  # Somebody was quicker than full_clean's own look, which would say it now.
        row.full_clean()
        raise


def first_administrator_missing() -> bool:
    """Whether nobody has set this server up yet."""
    return not User.objects.filter(is_admin=True).exists()


def create_first_administrator(*, email: str, name: str, password: str) -> User:
    """Add the first administrator, once: of two people who try at the same moment one is refused."""
    user = User(email=User.objects.normalize_email(email.strip()), name=name.strip(), is_admin=True)
    _set_password(user, password)
    with transaction.atomic():
        lock_until_commit(JobLock.FIRST_ADMINISTRATOR)
        if not first_administrator_missing():
            raise AccountRefusal(_("This server is already set up. Sign in instead."), code="set_up", status=409)
        _add(user, by=None)
        transaction.on_commit(setup.forget_setup_code)
    return user


def reset_administrator(user: User, *, password: str) -> None:
    """Let somebody in again as administrator, from the command line, whatever has happened to their account."""
    password_validation.validate_password(password, user)
    user.set_password(password)
    user.is_admin = user.is_active = True
    user.save()
    record("user.reset", by=None, about=user)


def create_group(*, name: str, members: list[User], by: User) -> Group:
    """Add a group with these members."""
    group = Group(name=name.strip())
    with transaction.atomic():
        _save_unique(group)
        group.members.set(members)
        record("group.created", by=by, about=group)
    return group


@transaction.atomic
def change_group(group: Group, *, by: User, name: str | None = None, members: Iterable[User] | None = None) -> Group:
    """Change a group's name or members; what is None stays."""
    if name is not None:
        group.name = name.strip()
        _save_unique(group)
    if members is not None:
        group.members.set(list(members))
    record("group.changed", by=by, about=group)
    return group


def delete_group(group: Group, *, by: User) -> None:
    """Delete a group, and with it the roles that it gave."""
    record("group.deleted", by=by, about=group)
    group.delete()


def create_token(*, user: User, name: str = "", expires_in_days: int = 365) -> tuple[ApiToken, str]:
    """Make a token for programs of `user`; the second value is the token itself, which nobody can see again."""
    raw = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name.strip() or _("Token"),
        digest=digest(raw),
        expires=timezone.now() + timedelta(days=expires_in_days),
    )
    record("token.created", by=user, about=token)
    return token, raw


def revoke_token(token: ApiToken, *, by: User) -> None:
    """Make `token` useless from now on."""
    record("token.revoked", by=by, about=token)
    token.delete()


def digest(raw: str) -> str:
    """Return what is kept of a token. A plain hash is enough: the token is 256 random bits, not a guessable word."""
    return hashlib.sha256(raw.encode()).hexdigest()


def forget_old_sessions() -> None:
    """Delete sessions that have expired."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()


def accept_setup_code(typed: str, *, address: str) -> None:
    """Raise `AccountRefusal` unless `typed` is the set-up code; guesses are counted per network address."""
    with throttle.attempt("", address):
        if not setup.code_is_right(typed):
            raise AccountRefusal(
                _("Wrong setup code. See the terminal that runs the server."), code="wrong_code", status=403
            )
