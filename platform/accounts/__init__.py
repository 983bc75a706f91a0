"""Users, groups, sign-in and API tokens.

Visibility of other rows belongs to `workspaces` and the apps above.

access_watch  ends a stream when its reader loses access
api/          accounts for programs; authentication and permissions of all APIs
callers       whether a request's credentials are valid, before its body is read
exceptions    refusals around accounts
forms         forms of accounts, users and groups
models        User, Group, ApiToken
services      sign-in, and writes around users, groups and tokens
sign_in/      passwords, throttling, sessions, devices, set-up
sockets       authentication of WebSockets
views/        pages: account, administration
"""
