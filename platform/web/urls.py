"""URLs of health checks, and of a visitor's choice of language."""

from django.urls import path
from django.views.i18n import set_language

from web import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("language/", set_language, name="language"),
]
