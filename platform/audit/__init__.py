"""What happened and who did it: append-only."""
