"""The embedded PostgreSQL.

cluster         the database's files: their owner, how they are made
preparation     migrations under a lock, and which databases are refused
prepared_stamp  whether the last preparation still holds, without loading Django
server          start, wait for, share and stop the server process
"""
