"""ASGI applications in front of Django, outermost first.

trusted_proxies   client address and scheme from listed proxies
connection_limit  limits the open requests and WebSockets of one client
size_guard        refuses large bodies before they are stored
request_turns     limits the requests of one caller that begin at once
types             types of ASGI
"""
