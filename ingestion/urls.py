"""Addresses of documents: pages, then the API."""

from django.urls import path

from ingestion import api, views

PAGES = "w/<slug:slug>/documents/"
API = "api/v1/workspaces/<slug:slug>/documents/"

urlpatterns = [
    path(PAGES, views.document_list, name="document_list"),
    path(f"{PAGES}sample/", views.document_sample, name="document_sample"),
    path(f"{PAGES}<uuid:document_id>/", views.document_detail, name="document_detail"),
    path(f"{PAGES}<uuid:document_id>/file/", views.document_file, name="document_file"),
    path(f"{PAGES}<uuid:document_id>/retry/", views.document_retry, name="document_retry"),
    path(f"{PAGES}<uuid:document_id>/cancel/", views.document_cancel, name="document_cancel"),
    path(f"{PAGES}<uuid:document_id>/pin/", views.document_pin, name="document_pin"),
    path(f"{PAGES}<uuid:document_id>/delete/", views.document_delete, name="document_delete"),
    path(API, api.DocumentListView.as_view(), name="api_document_list"),
    path(f"{API}<uuid:id>/", api.DocumentDetailView.as_view(), name="api_document_detail"),
    path(f"{API}<uuid:id>/file/", api.DocumentFileView.as_view(), name="api_document_file"),
    path(f"{API}<uuid:id>/chunks/", api.DocumentChunksView.as_view(), name="api_document_chunks"),
    path(f"{API}<uuid:id>/retry/", api.DocumentRetryView.as_view(), name="api_document_retry"),
    path(f"{API}<uuid:id>/cancel/", api.DocumentCancelView.as_view(), name="api_document_cancel"),
]
