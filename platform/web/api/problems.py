"""Errors as RFC 9457 problems: the only mapping from exceptions to API responses."""

import logging
import sys
from http import HTTPStatus
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.serializers import as_serializer_error
from rest_framework.views import set_rollback

from web.exceptions import DatabaseAway, Refusal, is_database_away

logger = logging.getLogger(__name__)
PROBLEM_MEDIA_TYPE = "application/problem+json"
API_PREFIXES = ("/api/", "/v1/")
AnyResponse = TypeVar("AnyResponse", bound=HttpResponse)


def problem(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    """Return the members of a problem; `type` is about:blank, because `code` identifies it."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        **more,
    }


def problem_response(status: int, code: str, detail: str, **more: Any) -> JsonResponse:
    """Return a problem as a plain Django response, for views outside REST framework."""
    return JsonResponse(
        problem(status, code, detail, **more), status=status, content_type=PROBLEM_MEDIA_TYPE
    )


def refusal_response(refusal: Refusal) -> JsonResponse:
    """Return `refusal` as a problem."""
    more = {"errors": refusal.errors} if refusal.errors else {}
    response = problem_response(refusal.status, refusal.code, str(refusal), **more)
    return with_retry_after(response, refusal)


def with_retry_after(response: AnyResponse, refusal: Refusal) -> AnyResponse:
    """Set Retry-After from `refusal`."""
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Return a problem for an exception of an API view; None, a 500, for an unexpected one."""
    if isinstance(exc, Refusal):
        set_rollback()
        more = {"errors": exc.errors} if exc.errors else {}
        return with_retry_after(_response(problem(exc.status, exc.code, str(exc), **more)), exc)
    if isinstance(exc, ValidationError):
        exc = exceptions.ValidationError(as_serializer_error(exc))
    elif isinstance(exc, Http404):
        exc = exceptions.NotFound(_("Not found, or you do not have access."))
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    if not isinstance(exc, exceptions.APIException):
        return None
    set_rollback()
    if isinstance(exc, exceptions.ValidationError):
        errors = exc.detail if isinstance(exc.detail, dict) else {"non_field_errors": exc.detail}
        members = problem(
            exc.status_code,
            "invalid",
            _("Some fields are invalid. See the error of each field."),
            errors=errors,
        )
    else:
        detail = exc.detail if isinstance(exc.detail, str) else str(exc.default_detail)
        members = problem(exc.status_code, str(exc.get_codes()), detail)
    headers = {}
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return _response(members, headers=headers)


def _response(members: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(
        members, status=members["status"], headers=headers, content_type=PROBLEM_MEDIA_TYPE
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an unknown URL with a problem under API_PREFIXES, else with a page."""
    if request.path.startswith(API_PREFIXES):
        return problem_response(404, "not_found", _("Not found, or you do not have access."))
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an unexpected exception with 500, and a database that is away with 503."""
    if is_database_away(sys.exc_info()[1]):
        return _database_away(request)
    if request.path.startswith(API_PREFIXES):
        return problem_response(
            500, "server_error", _("Something went wrong. The error has been logged.")
        )
    # Without the request, whose user would need the database.
    return HttpResponse(render_to_string("500.html"), status=500)


def _database_away(request: HttpRequest) -> HttpResponse:
    # In the browser's language, as the user's choice is in the database.
    with translation.override(translation.get_language_from_request(request)):
        away = DatabaseAway()
        if request.path.startswith(API_PREFIXES):
            response: HttpResponse = refusal_response(away)
        else:
            response = HttpResponse(
                render_to_string("503.html", {"sentence": str(away)}), status=away.status
            )
    with_retry_after(response, away)
    logger.warning("The database does not answer; %s was refused.", request.path)
    # Django's own flag, which prevents a traceback for each request.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a malformed request."""
    if request.path.startswith(API_PREFIXES):
        return problem_response(400, "bad_request", _("The request is invalid."))
    return render(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a user who may see an object but not change it."""
    if request.path.startswith(API_PREFIXES):
        return problem_response(
            403,
            "permission_denied",
            _("You can view this, but you do not have permission to change it."),
        )
    return render(request, "403.html", status=403)
