"""Web pages.

allow_list  hosts from which pages may be fetched
deadlines   the time limit of a fetch over all its requests
fetch       fetches one page
network     connects to checked addresses only
pages       web pages as documents
robots      robots.txt
"""
