"""The embedded PostgreSQL.

cluster         creates the database's files and checks their owner
preparation     the lock of migrations, and checks of the database's version
prepared_stamp  whether the last preparation is still valid, without loading Django
server          starts, awaits, shares and stops the server process
"""
