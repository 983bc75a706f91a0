"""ASGI applications in front of Django, outermost first.

trusted_proxies   client address and scheme, believed only from listed proxies
connection_limit  how many requests and sockets one client has open
size_guard        refuses large bodies before they are stored
request_turns     the requests of one caller begin a few at a time
types             types of ASGI
"""
