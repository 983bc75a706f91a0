"""The wiring of all apps. Imports all apps; no app imports it.

asgi          the web process: static files, HTTP, WebSockets, start and stop
celery        the Celery application
celeryconfig  its settings and the timetable of maintenance
env           reads environment variables
hosts         host names that are served
keys          the secret key
settings      Django's settings
urls          every address
"""

from config.celery import app as celery_app

__all__ = ["celery_app"]
