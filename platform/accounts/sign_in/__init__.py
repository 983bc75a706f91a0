"""Signing in.

addresses         the client's address, and whether it is this machine
devices           devices from which a user has signed in
password_hashing  hashing in a bounded number of threads
sessions          sessions in the database
setup             the set-up code of the first administrator
throttle          limits failed sign-ins
"""
