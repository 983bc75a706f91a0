"""Celery tasks of chat. A task that runs twice or not at all does no harm."""

from celery import shared_task

from chat.answering.storage.answer_store import interrupt_orphans


@shared_task(ignore_result=True)
def maintain_answers() -> None:
    """End orphaned answers of a server that died and was not started again."""
    interrupt_orphans()
