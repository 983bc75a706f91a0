"""What runs below Django: the embedded PostgreSQL, the supervisor behind `manage.py up`, and DATA_DIR.

Knows no app of ours, only plain values.

child_process      start and end processes that cannot outlive their parent
command_line       `up` without loading Django, every other command with the database running
data_dir/          checks and lock of DATA_DIR
exceptions         CannotStart
file_broker        Celery's broker without a server: a message is a file
health/            doctor, readiness, heartbeat, liveness
ip_addresses       loopback, and which addresses are one client
postgres/          files, server and preparation of the embedded database
privacy            environment variables that turn off the telemetry of libraries
processes/         supervisor, and the programs that it keeps running
signals            `database_prepared`
terminal_language  translations for processes that run without Django
"""
