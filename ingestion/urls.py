"""Addresses of ingestion."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
