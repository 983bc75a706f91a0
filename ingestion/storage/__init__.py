"""Bytes on disk: `blobs` by their SHA-256, `integrity` checks them, `parse_cache` keeps parsed texts."""
