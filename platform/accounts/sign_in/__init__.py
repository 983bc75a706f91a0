"""Signing in.

addresses         the client's address, and whether it is this machine
devices           devices that a person has signed in from
password_hashing  hashing in a bounded number of threads
sessions          sessions in the database
setup             who may create the first administrator
throttle          slows down those who guess passwords
"""
