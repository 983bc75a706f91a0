"""Celery entry points of chat. They may run twice, and lose nothing by not running."""

from celery import shared_task

from chat.answering.storage.orphans import interrupt_orphans


@shared_task(ignore_result=True)
def maintain_answers() -> None:
    """End answers whose server died and was never started again."""
    interrupt_orphans()
