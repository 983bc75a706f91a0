"""Files on disk.

blobs        stores bytes by SHA-256
integrity    checks stored bytes
parse_cache  caches parsed documents
"""
