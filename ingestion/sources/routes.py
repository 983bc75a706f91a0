"""Addresses of sources: web pages, watched folders, uploads in parts. Part of `ingestion.urls`."""

from django.urls import path

from ingestion.sources import api, views

PAGES = "w/<slug:slug>/documents/"
FOLDER_PAGES = "w/<slug:slug>/folders/"
UPLOADS = "api/v1/workspaces/<slug:slug>/uploads/"
FOLDERS = "api/v1/workspaces/<slug:slug>/folders/"

SOURCES = [
    path(f"{PAGES}page/", views.page_add, name="page_add"),
    path(f"{PAGES}<uuid:document_id>/page/", views.page_change, name="page_change"),
    path(FOLDER_PAGES, views.folder_list, name="folder_list"),
    path(f"{FOLDER_PAGES}<uuid:folder_id>/disconnect/", views.folder_disconnect, name="folder_disconnect"),
    path(FOLDERS, api.FolderListView.as_view(), name="api_folder_list"),
    path(f"{FOLDERS}<uuid:id>/", api.FolderDetailView.as_view(), name="api_folder_detail"),
    path(UPLOADS, api.UploadListView.as_view(), name="api_upload_list"),
    path(f"{UPLOADS}<uuid:id>/", api.UploadDetailView.as_view(), name="api_upload_detail"),
]
