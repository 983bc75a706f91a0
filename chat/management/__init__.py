"""Commands of chat; `command_line` has their common arguments."""
