"""WebSocket URL patterns of chat."""

from django.urls import path

from chat.sockets.consumers import ConversationConsumer

websocket_urlpatterns = [
    path("ws/conversations/<uuid:id>/", ConversationConsumer.as_asgi(), name="conversation_socket"),  # type: ignore[arg-type]
]
