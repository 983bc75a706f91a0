"""Servers that speak as OpenAI does: DeepSeek, SiliconFlow, vLLM, LM Studio, llama.cpp and others.

chat    chat completions: the request, and what its events mean
client  the transport, by the `openai` library
rerank  rerankers as Jina, Cohere, SiliconFlow and vLLM have them
server  models of a server, and the clients for each
"""
