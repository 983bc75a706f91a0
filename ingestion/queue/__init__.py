"""The queue, which is the documents' rows.

claims        who takes which document next, for how long, and how it is given back
leases        renews the claim while work goes on, and tells when it is lost
run_recorder  stages, times and counts of a run
wakeup        messages that tell workers that documents are due
"""
