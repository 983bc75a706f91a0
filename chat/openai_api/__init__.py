"""The OpenAI-compatible API at /v1.

embeddings  vectors of texts
request     the body of a chat completion
response    answers in the form of chat completions
views       models and chat completions
"""
