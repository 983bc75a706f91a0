"""Addresses for machines that look whether the server is well."""

from django.urls import path

from web import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
