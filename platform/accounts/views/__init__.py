"""Pages of accounts: `account` (set-up, sign-in, own account), `administration` (users, groups)."""
