"""Middleware: `pages` is ours (headers, language, htmx redirects), `django_on_loop` is Django's own without threads."""
