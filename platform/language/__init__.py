"""Words, sentences, tokens and scripts: pure functions over text, shared by the layers above.

Documents, models and the database are unknown here, and nothing is downloaded. Chunks belong to
`ingestion`, search and its weights to `ingestion` and `chat`.

han        folds Traditional, Simplified and regional Chinese characters
periods    years, quarters and months that a text names
scripts    character classes, and the language by the script
sentences  the spans of sentences
tokens     estimates of model tokens
words      the terms of keyword search
"""
