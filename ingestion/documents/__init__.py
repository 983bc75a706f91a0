"""Documents: adding, versions, bulk actions and filters.

Main line: `add_documents()` in services.py: receive → detect media type → keep bytes → store row →
wake workers.

archive_contents  what became of an archive's contents
bulk              delete, pin, retry and cancel many at once
filters           which documents a list shows, in which order
local_files       documents on this machine's disk
passwords         passwords of documents, encrypted until a worker takes them
purging           clears away deleted workspaces and unused bytes
services          add, retry, cancel, rename, pin, delete
versions          the same name again is a new version
"""
