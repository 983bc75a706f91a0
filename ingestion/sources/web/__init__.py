"""Web pages.

allow_list  machines that pages may be fetched from
deadlines   the end of a fetch, however many requests it takes
fetch       fetches one page
network     connects to checked addresses only
pages       web pages as documents
robots      robots.txt
"""
