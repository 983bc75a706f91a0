"""Ollama by its own API, which alone tells context length and capabilities: `server` lists models, `chat` streams."""
