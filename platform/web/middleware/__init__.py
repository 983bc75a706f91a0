"""Middleware: `pages` (headers, language, htmx redirects), `django_on_loop` (Django's, without threads)."""
