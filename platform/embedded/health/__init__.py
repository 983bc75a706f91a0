"""Health checks of a running Reading Room and of its installation.

doctor           the checks of `manage.py doctor`, each a function that returns a finding
heartbeat        Celery boot steps: the heartbeat of each worker, and its timetable
heartbeat_files  the files that a heartbeat touches, read without Django
liveness         ends hung processes for the supervisor
readiness        /readyz: database, tables, broker, worker
"""
