"""Models that embed and models that answer, behind protocols: a caller never knows where a model runs.

Main line: `registry.chat_model(name)` and `registry.embedding_model(name)`, which ask the sources
of models by name.

builtin/            the models that come along, without a server
apps                receivers of signals
check_results       results of a connection's check, and their sentences
connections/        model servers that administrators add: rows, pages, API, checks, lists of models
embedding/          an embedding model behind a connection: batches, sizes, token rates
exceptions          what can go wrong with a model
http/               requests to model servers: pools, timeouts, errors, streams of answers
key_encryption      the keys of connections, encrypted at rest
model_names         what the name of a model tells of its kind
models              Connection, Model, ServerSetting
ollama/             Ollama's own API
openai_compatible/  servers that speak as OpenAI does, and rerankers
parse_servers       servers that turn files into elements
protocols           ChatModel, EmbeddingModel, Reranker, ModelServer
registry            finds models by their names
signals             `connection_deleted`, `defaults_changed`
"""
