"""Archives: `unpack` extracts documents, `zip_names` decodes the names in ZIP archives."""
