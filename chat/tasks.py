"""Celery tasks of chat. A task may run twice or not at all without harm."""

from celery import shared_task

from chat.answering.storage.answer_store import interrupt_orphans


@shared_task(ignore_result=True)
def maintain_answers() -> None:
    """Interrupt orphaned answers of a server that died and was not restarted."""
    interrupt_orphans()
