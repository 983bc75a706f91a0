"""What every page and call shares. No models, nothing of one app alone.

admission           slots for expensive work, by turns among people
api/                problem responses, pagination, strict JSON
asgi/               applications in front of Django: proxies, limits, turns of requests
compiled_querysets  the few querysets that every question runs, compiled once
database            database work from asynchronous code
encryption          secrets at rest, encrypted with Fernet
exceptions          Refusal, the base of every app's own errors
foreign_hosts       keeps the log of requests for other host names short
health              /healthz and /readyz
ids                 UUIDv7
languages           which language a visitor is spoken to in
locks               advisory locks of PostgreSQL, each by its name
middleware/         headers, language, redirects of htmx; Django's own without threads
partials            whole pages and their partials: the only reader of HX-Target
requests            typed requests
sentences           sentences that are stored, and translated when they are read
shared_cache        Redis, and the memory of the process while Redis is away
"""
