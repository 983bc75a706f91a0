"""Whether the server is well."""

from django.http import HttpRequest, HttpResponse


def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the process serves."""
    return HttpResponse("ok")


readyz = healthz
