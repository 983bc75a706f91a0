"""What programs written for OpenAI call, at /v1.

embeddings  texts in, vectors out
request     reads the body of a chat completion
response    answers in the form of chat completions
views       models and chat completions
"""
