"""The wiring of all apps: settings, URLs, ASGI and Celery. Imports all apps; no app imports it."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
