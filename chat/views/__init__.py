"""Pages of chat: `conversations`, and `search` without an answer."""
