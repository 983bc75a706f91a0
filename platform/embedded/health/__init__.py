"""Health: whether the parts of a running Reading Room live, answer and are set up well.

doctor           the checks of `manage.py doctor`, each a function that returns a finding
heartbeat        Celery steps by which each worker shows that it lives, and its timetable
heartbeat_files  the files that a heartbeat touches, read without Django
liveness         the supervisor ends processes that hang
readiness        /readyz: database, tables, broker, worker
"""
