"""Ollama by its native API, which alone reports context lengths and capabilities.

chat    chat requests, and the reader of their answers
server  models of a server, and the clients for each
"""
