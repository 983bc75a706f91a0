"""Commands of ingestion, and `loading`: a first load of many files."""
