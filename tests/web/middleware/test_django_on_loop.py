"""Django's middlewares on the event loop use a thread only for writes."""

import pytest
from asgiref.sync import sync_to_async
from django.contrib import messages
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.test import AsyncClient
from django.urls import path

from web.database import in_database
from web.middleware import django_on_loop

pytestmark = pytest.mark.urls(__name__)


async def seen(request):
    request.session["seen"] = "yes"
    await sync_to_async(messages.success)(request, "Done.")
    return HttpResponse("seen")


async def told(request):
    said = await sync_to_async(
        lambda: [str(message) for message in messages.get_messages(request)]
    )()
    return HttpResponse(f"{request.session.get('seen')} {said}")


async def quiet(request):
    return HttpResponse("quiet")


async def token(request):
    return HttpResponse(get_token(request))


urlpatterns = [
    path("seen/", seen),
    path("told/", told),
    path("quiet/", quiet),
    path("token/", token),
]


@pytest.fixture
def threads(monkeypatch) -> list[str]:
    """The names of hooks that ran in a thread."""
    taken: list[str] = []

    def noted(function, **kwargs):
        taken.append(function.__qualname__)
        return in_database(function, **kwargs)

    monkeypatch.setattr(django_on_loop, "in_database", noted)
    return taken


async def test_a_request_without_writes_uses_no_thread(threads, monkeypatch):
    monkeypatch.setattr("django.utils.deprecation.sync_to_async", None)

    response = await AsyncClient().get("/quiet/")

    assert response.content == b"quiet"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert threads == []


async def test_sessions_and_messages_are_written_in_threads(threads, settings):
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    client = AsyncClient()

    await client.get("/seen/")

    assert threads == ["MessageMiddleware.process_response", "SessionMiddleware.process_response"]
    assert (await client.get("/told/")).content == b"yes ['Done.']"
    assert (await client.get("/told/")).content == b"yes []"


async def test_a_form_without_csrf_token_is_refused():
    client = AsyncClient(enforce_csrf_checks=True)
    token = (await client.get("/token/")).content.decode()

    refused = await client.post("/quiet/", {"a": "b"})
    taken = await client.post("/quiet/", {"a": "b", "csrfmiddlewaretoken": token})

    assert (refused.status_code, taken.status_code) == (403, 200)
