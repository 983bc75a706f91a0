"""OpenDocument: `odt`, `ods`, `odp`; `package` is what they share, `numbering` the numbers of lists and headings."""
