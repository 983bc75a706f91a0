"""Pages of accounts: `account` (set-up, sign-in, account) and `administration` (users and groups)."""
