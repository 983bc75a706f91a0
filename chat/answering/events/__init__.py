"""Events of answers: numbered by the process that writes an answer, followed from any process.

event_log      the events of one answer, in memory
notifications  tells the sockets of a conversation that an answer has begun
redis_relay    publishes events to other processes and copies theirs
subscription   follows an answer with a cursor, in any process
"""
