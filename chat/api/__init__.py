"""The API of chat.

conversations  conversations and their messages
messages       ask and stop; asynchronous views
schema         the asynchronous views in the OpenAPI schema
search         search and the list of models
serializers    conversations, messages and citations as JSON
sse            server-sent events
"""
