"""The layer below Django: embedded PostgreSQL, supervisor of `manage.py up`, and DATA_DIR.

Imports no other package of the project.

child_process      start and end processes that cannot outlive their parent
command_line       `up` without loading Django, every other command with the database running
data_dir/          checks, lock and private files of DATA_DIR
exceptions         CannotStart
file_broker        Celery's broker without a server: a message is a file
health/            doctor, readiness, heartbeat, liveness
ip_addresses       loopback addresses, and the network that counts as one client
postgres/          files, server and preparation of the embedded database
privacy            environment variables that turn off the telemetry of libraries
processes/         the supervisor and its programs
signals            `database_prepared`, `doctor_checks_requested`
terminal_language  translations for processes that run without Django
"""
