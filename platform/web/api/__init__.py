"""What the APIs of all apps share: `problems` (RFC 9457), `pagination`, `serializers` (times in UTC), `strict_json`."""
