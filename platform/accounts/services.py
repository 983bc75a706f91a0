"""Sign-in, and writes around users, groups, tokens and the first administrator."""

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
    """Return the user of this e-mail address and password.

    Raises `WrongPassword`, `TooManyAttempts` or `TooManySignIns`.
    """
    throttle.check(email, address, device=device)
    # An attempt counts only once it has a slot, so that many correct sign-ins at once do not count
    # as guesses.
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
    """Create a user; without a password the user cannot sign in until one is set."""
    user = User(
        email=User.objects.normalize_email(email.strip()),
        name=name.strip(),
        is_admin=is_admin,
        is_active=is_active,
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

    A disabled user, or one whose password is set by an administrator, is signed out everywhere and
    loses all tokens.
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


def _keep_an_administrator(user: User) -> None:
    # Locked in one order: of two administrators who demote each other, the second waits and is
    # refused.
    administrators = (
        User.objects.select_for_update().filter(is_admin=True, is_active=True).order_by("pk")
    )
    if not set(administrators) - {user}:
        raise LastAdministrator


def change_password(user: User, *, old: str, new: str, address: str) -> None:
    """Change the user's own password. Django ends the user's other sessions; tokens are kept.

    Raises `WrongPassword` unless `old` is the present password. Failures are counted separately
    from sign-ins, so that strangers cannot block the change.
    """
    with hashing_slot(address), throttle.attempt(f"password of {user.pk}", address):
        if not user.check_password(old):
            raise WrongPassword
    _set_password(user, new)
    user.save(update_fields=["password"])
    record("user.password_changed", by=user, about=user)


def _set_password(user: User, password: str) -> None:
    """Set the password without saving; call it outside a transaction, since hashing is slow."""
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
    except IntegrityError:
        # Another transaction inserted the row after full_clean, whose check now raises.
        row.full_clean()
        raise


def first_administrator_missing() -> bool:
    """Whether the server has no administrator yet."""
    return not User.objects.filter(is_admin=True).exists()


def create_first_administrator(*, email: str, name: str, password: str) -> User:
    """Create the first administrator; raises `AccountRefusal` if there is one.

    A lock decides between concurrent calls.
    """
    user = User(email=User.objects.normalize_email(email.strip()), name=name.strip(), is_admin=True)
    _set_password(user, password)
    with transaction.atomic():
        lock_until_commit(JobLock.FIRST_ADMINISTRATOR)
        if not first_administrator_missing():
            raise AccountRefusal(
                _("This server is already set up. Sign in instead."), code="set_up", status=409
            )
        _add(user, by=None)
        transaction.on_commit(setup.forget_setup_code)
    return user


def reset_administrator(user: User, *, password: str) -> None:
    """Make `user` an active administrator with this password, from the command line."""
    password_validation.validate_password(password, user)
    user.set_password(password)
    user.is_admin = user.is_active = True
    user.save()
    record("user.reset", by=None, about=user)


def create_group(*, name: str, members: list[User], by: User) -> Group:
    """Create a group with these members."""
    group = Group(name=name.strip())
    with transaction.atomic():
        _save_unique(group)
        group.members.set(members)
        record("group.created", by=by, about=group)
    return group


@transaction.atomic
def change_group(
    group: Group, *, by: User, name: str | None = None, members: Iterable[User] | None = None
) -> Group:
    """Change the name or the members of a group; None keeps either."""
    if name is not None:
        group.name = name.strip()
        _save_unique(group)
    if members is not None:
        group.members.set(list(members))
    record("group.changed", by=by, about=group)
    return group


def delete_group(group: Group, *, by: User) -> None:
    """Delete a group and its roles."""
    record("group.deleted", by=by, about=group)
    group.delete()


def create_token(*, user: User, name: str = "", expires_in_days: int = 365) -> tuple[ApiToken, str]:
    """Create an API token of `user`; return its row and the token, which is not stored."""
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
    """Delete `token`."""
    record("token.revoked", by=by, about=token)
    token.delete()


def digest(raw: str) -> str:
    """Return the stored digest of a token.

    A plain hash suffices, because a token has 256 random bits.
    """
    return hashlib.sha256(raw.encode()).hexdigest()


def forget_old_sessions() -> None:
    """Delete sessions that have expired."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()


def accept_setup_code(typed: str, *, address: str) -> None:
    """Raise `AccountRefusal` unless `typed` is the set-up code.

    Guesses are counted per network address.
    """
    with throttle.attempt("", address):
        if not setup.code_is_right(typed):
            raise AccountRefusal(
                _("Wrong setup code. See the terminal that runs the server."),
                code="wrong_code",
                status=403,
            )
