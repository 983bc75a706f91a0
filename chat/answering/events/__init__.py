"""Events of answers: numbered in the process that writes, followed from any process.

event_log       the events of one answer, in memory
notifications   tells sockets of this process that a conversation has news
redis_outgoing  how far the events of each answer are in Redis
redis_relay     passes events on between processes
subscription    follows an answer with a cursor, wherever it is written
"""
