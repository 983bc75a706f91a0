"""Periodic tasks of accounts."""

from celery import shared_task

from accounts.services import forget_old_sessions


@shared_task
def maintain_sessions() -> None:
    """Delete sessions that have expired."""
    forget_old_sessions()
