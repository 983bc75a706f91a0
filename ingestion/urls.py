"""Addresses of documents: pages, then the API."""

from django.urls import path

from ingestion.api import bulk, documents, runs, sources, versions
from ingestion.views import document, document_list, formats
from ingestion.views import sources as source_pages
from ingestion.views import versions as version_pages

PAGES = "w/<slug:slug>/documents/"
API = "api/v1/workspaces/<slug:slug>/documents/"
VERSION_PAGES = f"{PAGES}<uuid:document_id>/versions/<int:number>/"
VERSION_API = f"{API}<uuid:id>/versions/<int:version>/"
FOLDER_PAGES = "w/<slug:slug>/folders/"
FOLDER_API = "api/v1/workspaces/<slug:slug>/folders/"
UPLOAD_API = "api/v1/workspaces/<slug:slug>/uploads/"

urlpatterns = [
    path("formats/", formats.format_list, name="format_list"),
    path(PAGES, document_list.document_list, name="document_list"),
    path(f"{PAGES}sample/", document_list.document_sample, name="document_sample"),
    path(f"{PAGES}bulk/", document_list.document_bulk, name="document_bulk"),
    path(f"{PAGES}<uuid:document_id>/", document.document_detail, name="document_detail"),
    path(f"{PAGES}<uuid:document_id>/file/", document.document_file, name="document_file"),
    path(f"{PAGES}<uuid:document_id>/retry/", document.document_retry, name="document_retry"),
    path(f"{PAGES}<uuid:document_id>/cancel/", document.document_cancel, name="document_cancel"),
    path(f"{PAGES}<uuid:document_id>/read/", document.document_read, name="document_read"),
    path(f"{PAGES}<uuid:document_id>/pin/", document.document_pin, name="document_pin"),
    path(f"{PAGES}<uuid:document_id>/rename/", document.document_rename, name="document_rename"),
    path(f"{PAGES}<uuid:document_id>/delete/", document.document_delete, name="document_delete"),
    path(VERSION_PAGES, version_pages.version_detail, name="version_detail"),
    path(f"{VERSION_PAGES}file/", version_pages.version_file, name="version_file"),
    path(f"{VERSION_PAGES}restore/", version_pages.version_restore, name="version_restore"),
    path(f"{VERSION_PAGES}delete/", version_pages.version_delete, name="version_delete"),
    path(f"{PAGES}page/", source_pages.page_add, name="page_add"),
    path(f"{PAGES}<uuid:document_id>/page/", source_pages.page_change, name="page_change"),
    path(FOLDER_PAGES, source_pages.folder_list, name="folder_list"),
    path(
        f"{FOLDER_PAGES}<uuid:folder_id>/disconnect/",
        source_pages.folder_disconnect,
        name="folder_disconnect",
    ),
    path(API, documents.DocumentListView.as_view(), name="api_document_list"),
    path(f"{API}bulk/", bulk.DocumentBulkView.as_view(), name="api_document_bulk"),
    path(f"{API}conflicts/", versions.NameConflictsView.as_view(), name="api_document_conflicts"),
    path(f"{API}<uuid:id>/", documents.DocumentDetailView.as_view(), name="api_document_detail"),
    path(f"{API}<uuid:id>/file/", documents.DocumentFileView.as_view(), name="api_document_file"),
    path(
        f"{API}<uuid:id>/chunks/",
        documents.DocumentChunksView.as_view(),
        name="api_document_chunks",
    ),
    path(
        f"{API}<uuid:id>/elements/",
        documents.DocumentElementsView.as_view(),
        name="api_document_elements",
    ),
    path(
        f"{API}<uuid:id>/timeline/",
        runs.DocumentTimelineView.as_view(),
        name="api_document_timeline",
    ),
    path(
        f"{API}<uuid:id>/retry/", documents.DocumentRetryView.as_view(), name="api_document_retry"
    ),
    path(
        f"{API}<uuid:id>/cancel/",
        documents.DocumentCancelView.as_view(),
        name="api_document_cancel",
    ),
    path(FOLDER_API, sources.FolderListView.as_view(), name="api_folder_list"),
    path(f"{FOLDER_API}<uuid:id>/", sources.FolderDetailView.as_view(), name="api_folder_detail"),
    path(UPLOAD_API, sources.UploadListView.as_view(), name="api_upload_list"),
    path(f"{UPLOAD_API}<uuid:id>/", sources.UploadDetailView.as_view(), name="api_upload_detail"),
    path(f"{API}<uuid:id>/versions/", versions.VersionListView.as_view(), name="api_version_list"),
    path(VERSION_API, versions.VersionDetailView.as_view(), name="api_version_detail"),
    path(f"{VERSION_API}file/", versions.VersionFileView.as_view(), name="api_version_file"),
    path(f"{VERSION_API}chunks/", versions.VersionChunksView.as_view(), name="api_version_chunks"),
    path(
        f"{VERSION_API}restore/", versions.VersionRestoreView.as_view(), name="api_version_restore"
    ),
]
