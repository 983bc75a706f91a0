"""Settings of Celery, under Celery's names; loaded at first use, after Django's settings."""

from django.conf import settings

from embedded.file_broker import broker_settings

globals().update(broker_settings(settings.DATA_DIR, settings.REDIS_URL))

timezone = settings.TIME_ZONE
task_ignore_result = True
task_default_queue = "index"
task_routes = {"*.tasks.maintain_*": {"queue": "maintenance"}}
worker_concurrency = settings.WORKER_THREADS
worker_hijack_root_logger = False
worker_enable_remote_control = False
# Not a setting of Celery: seconds between runs of each task, read by embedded.health.heartbeat.
timetable = {
    "ingestion.tasks.maintain_queue": 5,
    "ingestion.tasks.maintain_makes": 60,
    "ingestion.tasks.maintain_workspaces": 15,
    "ingestion.tasks.maintain_near_indexes": 60,
    "ingestion.tasks.maintain_bytes": 600,
    "ingestion.tasks.maintain_digests": 600,
    "ingestion.tasks.maintain_pages": 60,
    "ingestion.tasks.maintain_folders": 20,
    "chat.tasks.maintain_answers": 10,
    "accounts.tasks.maintain_sessions": 3600,
    "providers.tasks.maintain_models": 60,
}
