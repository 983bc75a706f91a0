"""Pages about people: `account` (set-up, sign-in, one's own account) and `administration` (users and groups)."""
