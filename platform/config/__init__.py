"""The wiring of all apps. Imports all apps; no app imports it.

asgi          the web process: static files, HTTP, WebSockets, start and stop
celery        the Celery application
celeryconfig  settings of Celery, and the timetable of maintenance
env           reads environment variables
hosts         accepted host names and origins
keys          the secret key
settings      Django's settings
urls          all URLs
"""

from config.celery import app as celery_app

__all__ = ["celery_app"]
