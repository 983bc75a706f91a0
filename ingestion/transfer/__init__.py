"""Bytes over HTTP: `uploads` streams them to disk, `downloads` hands out originals."""
