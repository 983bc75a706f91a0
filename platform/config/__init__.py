"""The wiring of all apps: settings, URLs, ASGI and Celery. Imports everything, is imported by nobody."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
