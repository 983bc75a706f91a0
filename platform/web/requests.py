"""Types of requests with the attributes that middleware adds to Django's class."""

from typing import TYPE_CHECKING

from django.http import HttpRequest as DjangoHttpRequest

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from accounts.models import User


class HttpRequest(DjangoHttpRequest):
    """A request that has passed HtmxMiddleware."""

    htmx: "HtmxDetails"


class AuthenticatedHttpRequest(HttpRequest):
    """A request that has passed `login_required`."""

    user: "User"
