"""Bytes over HTTP: `uploads` streams them to disk, `downloads` sends originals."""
