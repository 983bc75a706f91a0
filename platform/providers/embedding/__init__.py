"""Embedding by a model server.

client       one embedding model: batches, validation, normalized vectors
families     prefixes and languages of families of embedding models
limiter      limit of concurrent batches of a connection
token_rates  tokens per character of a model, measured on samples
"""
