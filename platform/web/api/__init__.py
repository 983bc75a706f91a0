"""Shared by all APIs: `problems` (RFC 9457), `pagination`, `serializers` (UTC), `strict_json`."""
