"""Telling the sockets of this process that look at a conversation that there is something in it to follow."""

import logging

from channels.layers import get_channel_layer

logger = logging.getLogger(__name__)


async def announce(conversation: str, message: str) -> None:
    """Tell them that an answer has begun, here or in another process. Those who miss it find it when they come back."""
    layer = get_channel_layer()
    assert layer is not None, "settings.CHANNEL_LAYERS names one"
    try:
        await layer.group_send(group_of(conversation), {"type": "answer.begun", "message": message})
    except Exception:
        logger.exception("An answer could not be announced; sockets in other tabs will not show it by themselves.")


def group_of(conversation: object) -> str:
    """Return the name of the channel group of a conversation's sockets."""
    return f"conversation.{conversation}"
