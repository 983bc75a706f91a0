"""Is this server alive, is it ready? For load balancers and start scripts: no sign-in. The asking is in `embedded`."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.log import log_response
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from embedded.health import readiness


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 as soon as the process serves."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 once database, migrations, broker and a worker answer, else 503 naming what is missing."""
    missing = readiness.missing()
    if not missing:
        return JsonResponse({"status": "ok", "missing": {}})
    response = JsonResponse({"status": "unavailable", "missing": missing}, status=503)
    # Somebody asks every second while the server starts; that is no error to fill the log with.
    log_response("Not ready: %s", ", ".join(missing), response=response, request=request, level="debug")
    return response
