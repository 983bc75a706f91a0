"""Asynchronous API views, which REST framework lacks.

Credentials and problem responses are those of REST framework's views.

A view decorated with `asynchronous_api` gets the caller as its second argument and may raise
`Refusal` or `Http404`.
"""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Final

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import RawPostDataException, UnreadablePostError
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import APIException, AuthenticationFailed

from accounts.api.authentication import BearerAuthentication
from accounts.models import User
from web.api.problems import refusal_response
from web.api.strict_json import MalformedJson, read_json
from web.database import in_database
from web.exceptions import DatabaseAway, Refusal

AsyncView = Callable[..., Coroutine[Any, Any, HttpResponseBase]]
Refused = Callable[[Refusal], HttpResponse]
BEARER_CHALLENGE: Final = BearerAuthentication().authenticate_header(HttpRequest())


class NotSignedIn(Refusal):
    """Credentials are missing or wrong."""

    code = "not_authenticated"
    status = 401


def asynchronous_api(
    *methods: str, refused: Refused = refusal_response
) -> Callable[[AsyncView], AsyncView]:
    """Decorate an asynchronous function as an API view; `refused` answers a refusal."""

    def decorate(view: AsyncView) -> AsyncView:
        @csrf_exempt  # SessionAuthentication checks it for cookies, which alone need it.
        @wraps(view)
        async def guarded(request: HttpRequest, **ids: Any) -> HttpResponseBase:
            try:
                if request.method not in methods:
                    sentence = _("Method %(method)s is not allowed.") % {"method": request.method}
                    raise Refusal(sentence, code="method_not_allowed", status=405)
                return await view(request, await in_database(_caller)(request), **ids)
            except Refusal as refusal:
                response = refused(refusal)
                if refusal.status == 401:
                    response.headers["WWW-Authenticate"] = BEARER_CHALLENGE
                if refusal.status == 405:
                    response.headers["Allow"] = ", ".join(methods)
                return response
            except Http404:
                return refused(
                    Refusal(
                        _("Not found, or you do not have access."), code="not_found", status=404
                    )
                )
            except (OperationalError, InterfaceError):
                return refused(DatabaseAway())

        return guarded

    return decorate


def json_body(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object of the body; raises `Refusal`."""
    try:
        body = read_json(request.body)
    except (MalformedJson, RawPostDataException, UnreadablePostError) as error:
        raise Refusal(_("The request body is not valid JSON."), code="parse_error") from error
    if not isinstance(body, dict):
        raise Refusal(_("The request body must be a JSON object."), code="parse_error")
    return body


def _caller(request: HttpRequest) -> User:
    """Return the caller by the rules of REST framework.

    A token has precedence over a session, which requires its CSRF token.
    """
    try:
        by_token = BearerAuthentication().authenticate(request)
        if by_token:
            return by_token[0]
        user = request.user
        if not isinstance(user, User):
            raise NotSignedIn(_("Authentication credentials were not provided."))
        SessionAuthentication().enforce_csrf(request)  # type: ignore[arg-type] # it reads no attribute of DRF
    except AuthenticationFailed as error:
        raise NotSignedIn(str(error.detail), code=str(error.get_codes())) from error
    except APIException as error:
        raise Refusal(
            str(error.detail), code=str(error.get_codes()), status=error.status_code
        ) from error
    return user
