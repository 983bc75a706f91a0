"""What is a word, a sentence, a token, and in which language: pure functions over text, shared by the layers above.

Nothing here knows of documents, models or the database, and nothing is downloaded. Splitting into chunks is
ingestion's, weights and search are ingestion's and chat's.
"""
