"""The Celery application. Messages only wake workers; the rows of the database are the queue."""

import os

from celery import Celery

from embedded.health.heartbeat import install

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("reading_room")
app.config_from_object("config.celeryconfig")
app.autodiscover_tasks()
install(app)
