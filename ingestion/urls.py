"""Addresses of documents: pages, then the API."""

from django.urls import path

from ingestion import api, bulk_api, format_pages, list_pages, timeline_api, version_api, version_pages, views
from ingestion.sources.routes import SOURCES

PAGES = "w/<slug:slug>/documents/"
API = "api/v1/workspaces/<slug:slug>/documents/"
VERSION_PAGES = f"{PAGES}<uuid:document_id>/versions/<int:number>/"
VERSION_API = f"{API}<uuid:id>/versions/<int:version>/"

urlpatterns = [
    path("formats/", format_pages.format_list, name="format_list"),
    path(PAGES, list_pages.document_list, name="document_list"),
    path(f"{PAGES}sample/", list_pages.document_sample, name="document_sample"),
    path(f"{PAGES}bulk/", list_pages.document_bulk, name="document_bulk"),
    path(f"{PAGES}<uuid:document_id>/", views.document_detail, name="document_detail"),
    path(f"{PAGES}<uuid:document_id>/file/", views.document_file, name="document_file"),
    path(f"{PAGES}<uuid:document_id>/retry/", views.document_retry, name="document_retry"),
    path(f"{PAGES}<uuid:document_id>/cancel/", views.document_cancel, name="document_cancel"),
    path(f"{PAGES}<uuid:document_id>/read/", views.document_read, name="document_read"),
    path(f"{PAGES}<uuid:document_id>/pin/", views.document_pin, name="document_pin"),
    path(f"{PAGES}<uuid:document_id>/rename/", views.document_rename, name="document_rename"),
    path(f"{PAGES}<uuid:document_id>/delete/", views.document_delete, name="document_delete"),
    path(VERSION_PAGES, version_pages.version_detail, name="version_detail"),
    path(f"{VERSION_PAGES}file/", version_pages.version_file, name="version_file"),
    path(f"{VERSION_PAGES}restore/", version_pages.version_restore, name="version_restore"),
    path(f"{VERSION_PAGES}delete/", version_pages.version_delete, name="version_delete"),
    path(API, api.DocumentListView.as_view(), name="api_document_list"),
    path(f"{API}bulk/", bulk_api.DocumentBulkView.as_view(), name="api_document_bulk"),
    path(f"{API}conflicts/", version_api.NameConflictsView.as_view(), name="api_document_conflicts"),
    path(f"{API}<uuid:id>/", api.DocumentDetailView.as_view(), name="api_document_detail"),
    path(f"{API}<uuid:id>/file/", api.DocumentFileView.as_view(), name="api_document_file"),
    path(f"{API}<uuid:id>/chunks/", api.DocumentChunksView.as_view(), name="api_document_chunks"),
    path(f"{API}<uuid:id>/elements/", api.DocumentElementsView.as_view(), name="api_document_elements"),
    path(f"{API}<uuid:id>/timeline/", timeline_api.DocumentTimelineView.as_view(), name="api_document_timeline"),
    path(f"{API}<uuid:id>/retry/", api.DocumentRetryView.as_view(), name="api_document_retry"),
    path(f"{API}<uuid:id>/cancel/", api.DocumentCancelView.as_view(), name="api_document_cancel"),
    *SOURCES,
    path(f"{API}<uuid:id>/versions/", version_api.VersionListView.as_view(), name="api_version_list"),
    path(VERSION_API, version_api.VersionDetailView.as_view(), name="api_version_detail"),
    path(f"{VERSION_API}file/", version_api.VersionFileView.as_view(), name="api_version_file"),
    path(f"{VERSION_API}chunks/", version_api.VersionChunksView.as_view(), name="api_version_chunks"),
    path(f"{VERSION_API}restore/", version_api.VersionRestoreView.as_view(), name="api_version_restore"),
]
