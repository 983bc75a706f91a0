"""Servers with the API of OpenAI: DeepSeek, SiliconFlow, vLLM, LM Studio, llama.cpp and others.

chat    chat completions: the request, and the reader of its events
client  the transport, by the `openai` library
rerank  rerankers, by the call of Jina, Cohere, SiliconFlow and vLLM
server  models of a server, and the clients for each
"""
