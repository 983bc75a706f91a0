"""Bytes on disk: `blobs` stores them by SHA-256, `integrity` checks them, `parse_cache` caches parsed documents."""
