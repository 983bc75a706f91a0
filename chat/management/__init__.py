"""Commands of chat; `command_line`: on whose behalf they search and ask."""
