"""The queue, which is the documents' rows.

claims        claims the next documents and writes their outcome
leases        renews claims during indexing, and notices lost ones
run_recorder  stages, times and counts of a run
wakeup        messages to workers about due documents
"""
