"""The WebSocket of a conversation.

consumers  one socket: reads frames, sends the events of answers
frames     parses the frames of clients
routing    URL patterns
"""
