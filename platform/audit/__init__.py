"""The audit log: append-only events with their actors."""
