"""WebSocket addresses of chat."""

from django.urls import URLPattern

websocket_urlpatterns: list[URLPattern] = []
