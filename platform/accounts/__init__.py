"""People: users, groups, signing in and API tokens. What they may see is decided in `workspaces` and the apps above.

access_watch  ends a stream whose reader may no longer read
api/          accounts for programs; authentication and permissions of all APIs
callers       whether a request that has only begun comes from a known caller
exceptions    what can be refused around people and their keys
forms         what people type about themselves and others
models        User, Group, ApiToken
services      sign in, create and change users, groups and tokens
sign_in/      passwords, throttling, sessions, devices, set-up
sockets       who opens a WebSocket
views/        pages: one's own account, administration
"""
