"""Embedding by a model server.

client       one embedding model: batches, checks, normalised vectors
families     prefixes and languages of families of embedding models
limiter      how many batches a connection embeds at once
token_rates  how a model counts tokens, measured on samples
"""
