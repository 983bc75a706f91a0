"""The append-only audit log: `services` records events with their actors, `models` has the rows."""
