"""Chat models, embedding models and rerankers behind protocols that hide where a model runs.

Main line: `registry.chat_model(id)` and `registry.embedding_model(id)` → a source of models →
the model.

builtin/            built-in models, which need no server
apps                receivers of signals
check_results       results of a connection's check, and their sentences
connections/        model servers that administrators add: rows, pages, API, checks, lists of models
embedding/          an embedding model behind a connection: batches, sizes, token rates
exceptions          errors of models
http/               requests to model servers: pools, timeouts, errors, streams of answers
key_encryption      the keys of connections, encrypted at rest
model_names         kind and properties of a model, derived from its name
models              Connection, Model, ServerSetting
ollama/             Ollama's own API
openai_compatible/  servers with the API of OpenAI, and rerankers
parse_servers       servers that turn files into elements
protocols           ChatModel, EmbeddingModel, Reranker, ModelServer
registry            finds models by their names
signals             `connection_deleted`, `defaults_changed`
"""
