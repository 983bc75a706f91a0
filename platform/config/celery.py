"""The Celery application. Messages only wake workers up; what is to be done stands in the database."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("reading_room")


def configure() -> None:
    """Read the settings, once Django can be asked for them."""
    from django.conf import settings

    from embedded.pulse import broker_settings, install

    app.conf.update(
        **broker_settings(settings.DATA_DIR, ""),
        task_default_queue="index",
        task_ignore_result=True,
        task_routes={"*.tasks.maintain_*": {"queue": "maintenance"}},
        timetable={},
        timezone=settings.TIME_ZONE,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
    )
    install(app)


app.autodiscover_tasks()
