"""Headers, language and htmx redirects of every page, for synchronous and asynchronous views."""

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.decorators import sync_and_async_middleware

Handler = Callable[[HttpRequest], Any]

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)


def _around(
    get_response: Handler, after: Callable[[HttpRequest, HttpResponse], HttpResponse]
) -> Handler:
    """Return a middleware that passes each response through `after`.

    It is asynchronous if `get_response` is.
    """
    if iscoroutinefunction(get_response):

        async def asynchronous(request: HttpRequest) -> HttpResponse:
            return after(request, await cast("Awaitable[HttpResponse]", get_response(request)))

        return asynchronous

    def synchronous(request: HttpRequest) -> HttpResponse:
        return after(request, get_response(request))

    return synchronous


@sync_and_async_middleware
def security_headers(get_response: Handler) -> Handler:
    """Restrict pages to resources of this server."""

    def after(request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=()"
        )
        return response

    return _around(get_response, after)


@sync_and_async_middleware
def htmx_redirects(get_response: Handler) -> Handler:
    """Answer htmx requests with HX-Redirect, which loads a whole page.

    An example is sign-in after an expired session.
    """

    def after(request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if request.headers.get("HX-Request") != "true" or response.status_code not in {
            301,
            302,
            303,
            307,
            308,
        }:
            return response
        redirected = HttpResponse(status=204)
        redirected.headers["HX-Redirect"] = response.headers["Location"]
        redirected.cookies = response.cookies
        return redirected

    return _around(get_response, after)


@sync_and_async_middleware
def language_of_the_user(get_response: Handler) -> Handler:
    """Activate the language of the account, else of the browser."""
    if iscoroutinefunction(get_response):

        async def asynchronous(request: HttpRequest) -> HttpResponse:
            user = await request.auser() if "Authorization" not in request.headers else None
            with translation.override(_language(request, user)):
                return _with_language_headers(
                    await cast("Awaitable[HttpResponse]", get_response(request))
                )

        return asynchronous

    def synchronous(request: HttpRequest) -> HttpResponse:
        user = request.user if "Authorization" not in request.headers else None
        with translation.override(_language(request, user)):
            return _with_language_headers(get_response(request))

    return synchronous


def _language(request: HttpRequest, user: Any) -> str:
    chosen: str = getattr(user, "language", "")
    return chosen or translation.get_language_from_request(request)


def _with_language_headers(response: HttpResponse) -> HttpResponse:
    patch_vary_headers(response, ["Accept-Language"])
    response.headers.setdefault("Content-Language", translation.get_language() or "en")
    return response
