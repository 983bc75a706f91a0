"""Watched folders: new files are added, changed ones become versions, moved ones are renamed.

offers       bytes on this disk, offered as a document
scan         the files below a folder
services     connect and disconnect folders
sync         compares a folder with its documents
watch_roots  folders that administrators allow
"""
