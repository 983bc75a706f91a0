"""Routes of connections and models: pages, then the API."""

from django.urls import path

from providers.connections import api, views

API = "api/v1/connections/"

PAGE = "connections/<uuid:connection_id>/"

urlpatterns = [
    path("connections/", views.connection_list, name="connection_list"),
    path(PAGE, views.connection_detail, name="connection_detail"),
    path(f"{PAGE}check/", views.connection_check, name="connection_check"),
    path(f"{PAGE}delete/", views.connection_delete, name="connection_delete"),
    path(f"{PAGE}models/<uuid:offered_id>/", views.model_detail, name="model_detail"),
    path(API, api.ConnectionListView.as_view(), name="api_connection_list"),
    path(f"{API}<uuid:id>/", api.ConnectionDetailView.as_view(), name="api_connection_detail"),
    path(f"{API}<uuid:id>/check/", api.ConnectionCheckView.as_view(), name="api_connection_check"),
    path(
        f"{API}<uuid:id>/models/",
        api.ConnectionModelListView.as_view(),
        name="api_connection_model_list",
    ),
    path(f"{API}<uuid:id>/pull/", api.connection_pull, name="api_connection_pull"),
    path("api/v1/models/<path:id>/", api.ModelDetailView.as_view(), name="api_model_detail"),
]
