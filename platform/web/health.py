"""/healthz and /readyz for load balancers and start scripts, without sign-in.

`embedded.health` does the checks.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.log import log_response
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from embedded.health import readiness


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 once the process serves."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 once all parts are ready, else 503 with the missing parts.

    The parts are database, migrations, broker and a worker.
    """
    missing = readiness.missing()
    if not missing:
        return JsonResponse({"status": "ok", "missing": {}})
    response = JsonResponse({"status": "unavailable", "missing": missing}, status=503)
    # At debug level, since start scripts ask every second.
    log_response(
        "Not ready: %s", ", ".join(missing), response=response, request=request, level="debug"
    )
    return response
