"""The audit log, append-only: `services` records events with their actors, `models` has the rows."""
