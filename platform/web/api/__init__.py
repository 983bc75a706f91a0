"""Shared by the APIs of all apps: `problems` (RFC 9457), `pagination`, `serializers` (times in UTC), `strict_json`."""
