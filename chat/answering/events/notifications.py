"""Notifies the sockets of a conversation in this process that an answer has begun."""

import logging

from channels.layers import get_channel_layer

logger = logging.getLogger(__name__)


async def announce(conversation: str, message: str) -> None:
    """Notify the sockets of a conversation in this process of a new answer of any process.

    Errors are logged: a socket without the notification shows the answer after a reload.
    """
    layer = get_channel_layer()
    assert layer is not None, "settings.CHANNEL_LAYERS configures a channel layer"
    try:
        await layer.group_send(group_of(conversation), {"type": "answer.begun", "message": message})
    except Exception:
        logger.exception(
            "An answer could not be announced; sockets in other tabs will not show it by themselves."
        )


def group_of(conversation: object) -> str:
    """Return the name of the channel group of a conversation's sockets."""
    return f"conversation.{conversation}"
