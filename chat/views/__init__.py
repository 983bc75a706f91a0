"""Pages of chat.

conversations  the start page of a workspace, and conversations
search         the search page, without an answer
"""
