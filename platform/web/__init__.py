"""Shared by the pages and APIs of all apps. It has no models and no code for a single app.

admission           slots for expensive work, shared fairly among users
api/                problem responses, pagination, strict JSON
asgi/               applications in front of Django: proxies, limits, turns of requests
compiled_querysets  frequent querysets, compiled to SQL once
database            database work from asynchronous code
encryption          secrets at rest, encrypted with Fernet
exceptions          Refusal, the base of every app's errors
foreign_hosts       limits the log of requests for other host names
health              /healthz and /readyz
ids                 UUIDv7
languages           the language of a connection
locks               advisory locks of PostgreSQL, each by its name
middleware/         headers, language, redirects of htmx; Django's own without threads
partials            pages and their partials: the only reader of HX-Target
requests            typed requests
sentences           stored sentences, translated when they are read
shared_cache        Redis, or the process's memory while Redis is unreachable
"""
