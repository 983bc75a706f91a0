"""The ASGI application: static files, HTTP through Django, WebSockets through Channels."""

import os
from pathlib import Path
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 - models must be loaded first
from django.conf import settings  # noqa: E402
from django.contrib.staticfiles.finders import get_finders  # noqa: E402
from servestatic import ServeStaticASGI  # noqa: E402

from accounts.callers import is_known  # noqa: E402
from accounts.sockets import signed_in_by_cookie_or_token  # noqa: E402
from chat.answering.lifespan import lifespan  # noqa: E402
from chat.sockets.routing import websocket_urlpatterns  # noqa: E402
from web.asgi.connection_limit import ConnectionLimit  # noqa: E402
from web.asgi.request_turns import RequestTurns  # noqa: E402
from web.asgi.size_guard import SizeGuard  # noqa: E402
from web.asgi.trusted_proxies import TrustedProxies  # noqa: E402


def with_static_files(app: Any) -> ServeStaticASGI:
    """Serve the static files of all apps from their source folders, without `collectstatic`.

    With `max_age=0` browsers revalidate each file, so no page uses scripts of an earlier version.
    """
    served = ServeStaticASGI(app, max_age=0)
    for finder in get_finders():
        for storage in getattr(finder, "storages", {}).values():
            served.add_files(storage.location, prefix=settings.STATIC_URL.strip("/"))
    return served


Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir(parents=True, exist_ok=True)
router = ProtocolTypeRouter(
    {
        "http": SizeGuard(with_static_files(RequestTurns(django_application)), is_known),
        "websocket": signed_in_by_cookie_or_token(
            URLRouter(websocket_urlpatterns)  # type: ignore[arg-type] # the stubs ask for a private class
        ),
        "lifespan": lifespan,
    }
)
application = TrustedProxies(
    ConnectionLimit(router, settings.CONNECTIONS_PER_ADDRESS), settings.TRUSTED_PROXIES
)
