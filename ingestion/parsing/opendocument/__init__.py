"""OpenDocument: `odt`, `ods`, `odp`; all use `package`, and `numbering` for list numbers."""
