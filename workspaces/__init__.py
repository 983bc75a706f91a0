"""Workspaces and their members, which decide the visibility of documents and conversations.

access           from a slug to a workspace, with 404 and 403
api              workspaces and members for programs
apps             receivers of signals
choices          form fields of models, modes and parse servers
context          the navigation of all pages
exceptions       refusals around workspaces
forms            forms of settings and members
models           Workspace, Membership, Role
serializers      workspaces and members as JSON
server_defaults  the page of the server's defaults
services         writes around workspaces and members
signals          `workspace_changed`
slugs            the names of workspaces in URLs
views            pages: list, settings, members
"""
