"""The worker.

loop  indexes documents until none is due
wait  waits for documents, and indexes them if no worker is alive
"""
