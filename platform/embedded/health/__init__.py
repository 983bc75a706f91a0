"""Health checks of a running Reading Room and of its installation.

doctor           the checks of `manage.py doctor`, each a function that returns a finding
heartbeat        Celery boot steps: the heartbeat of each worker, and its timetable
heartbeat_files  the files that a heartbeat touches, read without Django
liveness         ends hung processes for the supervisor
readiness        /readyz: database, tables, broker, worker

The checks of `doctor` are no `django.core.checks`, which nearly every command of manage.py runs at
its start: importing the parsing libraries alone takes 0.4 s with warm files. Django also reports
failures only, whereas `doctor` prints a line with details for each part that works.
"""
