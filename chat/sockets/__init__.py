"""The WebSocket of a conversation: `routing` its address, `frames` what comes in, `consumers` one tab or program."""
