"""Orphans: answers whose writer has not been heard of for some seconds. Their text is kept; they become interrupted.

A writer that was only slow puts its own end over it.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from django.db.models import F
from django.utils import timezone

from chat.models import Message

# Writers are heard of about once a second.
SILENT_FOR: Final = timedelta(seconds=6)


def interrupt_orphans(*, only: str | None = None, except_for: Collection[str] = ()) -> int:
    """Mark every answer that nobody writes any more as interrupted, or this one alone; return how many there were."""
    orphans = Message.objects.streaming().filter(heard_of__lt=timezone.now() - SILENT_FOR).exclude(pk__in=except_for)
    if only is not None:
        orphans = orphans.filter(pk=only)
    return orphans.update(status=Message.Status.INTERRUPTED, seq=F("seq") + 1)
