"""Conversations, the retrieval behind them, and answers with their citations.

answering/     start, write, follow and stop an answer
api/           conversations, messages and search for programs
citing/        citations in an answer, and the words of the passage that bear them
evaluation/    metrics of retrieval
exceptions     refusals and failures of conversations and answers
models         Conversation, Message, Citation
openai_api/    /v1: models, chat completions, embeddings
prompting/     from passages and history to a prompt
request_slots  limits of simultaneous questions, searches and embeddings
retrieval/     search: legs, fusion, reranking
services       begin, rename and delete conversations
sockets/       the WebSocket of a conversation
tasks          end answers whose process died
views/         pages
"""
