"""Middleware: `pages` (headers, language, redirects), `django_on_loop` (Django's own)."""
