"""The worker: `loop` indexes documents until none is due, `wait` waits for documents and works where no worker runs."""
