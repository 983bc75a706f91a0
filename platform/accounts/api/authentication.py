"""Bearer tokens of programs. Browsers use Django's sessions."""

from datetime import timedelta
from typing import Final

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import ApiToken, User
from accounts.services import digest
from web.compiled_querysets import CompiledQueryset, columns, instance

# `last_used` shows users which tokens are in use; writing it at every call would double the cost of
# small calls.
LAST_USED_PRECISION = timedelta(minutes=5)


def user_for_token(raw: str) -> User | None:
    """Return the active user of an unexpired token, else None."""
    found = _USER_BY_DIGEST.rows(digest(raw))
    if not found:
        return None
    pk, last_used, *user = found[0]
    now = timezone.now()
    if last_used is None or now - last_used > LAST_USED_PRECISION:
        ApiToken.objects.filter(pk=pk).update(last_used=now)
    return instance(User, user)


_USER_BY_DIGEST: Final = CompiledQueryset(
    lambda digest: (
        ApiToken.objects.usable()
        .filter(digest=digest)
        .values_list("pk", "last_used", *columns(User, "user__"))
    ),
    str,
)


def bearer(header: str) -> str | None:
    """Return the token of an Authorization header, "" if it is empty, None for another scheme."""
    scheme, _space, raw = header.strip().partition(" ")
    return raw.strip() if scheme.lower() == "bearer" else None


def caller(request: Request) -> User:
    """Return the signed-in user of an API call; the view's permission excludes visitors."""
    user = request.user
    assert isinstance(user, User), "a view that visitors may call has no caller"
    return user


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`."""

    def authenticate(self, request: Request | HttpRequest) -> tuple[User, None] | None:
        """Return the token's user; a wrong token is refused even with a valid session."""
        raw = bearer(request.headers.get("Authorization", ""))
        if raw is None:
            return None
        user = user_for_token(raw)
        if user is None:
            raise AuthenticationFailed(
                _("This token is unknown, expired or revoked."), code="bad_token"
            )
        return user, None

    def authenticate_header(self, request: Request | HttpRequest) -> str:
        """Return the challenge, which also makes DRF answer 401 instead of 403."""
        return 'Bearer realm="Reading Room"'
