"""Addresses of connections and models: pages, then the API."""

from django.urls import path

from providers import api

API = "api/v1/connections/"

urlpatterns = [
    path(API, api.ConnectionListView.as_view(), name="api_connection_list"),
    path(f"{API}<uuid:id>/", api.ConnectionDetailView.as_view(), name="api_connection_detail"),
    path(f"{API}<uuid:id>/check/", api.ConnectionCheckView.as_view(), name="api_connection_check"),
    path(f"{API}<uuid:id>/models/", api.ConnectionModelListView.as_view(), name="api_connection_model_list"),
    path(f"{API}<uuid:id>/pull/", api.connection_pull, name="api_connection_pull"),
    path("api/v1/models/<path:id>/", api.ModelDetailView.as_view(), name="api_model_detail"),
]
