"""The PostgreSQL that comes along and the supervisor behind `manage.py up`. Knows no app of ours, only plain values."""
