"""URLs of workspaces: pages, then the API."""

from django.urls import path

from workspaces import api, server_defaults, views

urlpatterns = [
    path("", views.workspace_list, name="workspace_list"),
    path("workspaces/new/", views.workspace_create, name="workspace_create"),
    path("defaults/", server_defaults.server_defaults, name="server_defaults"),
    path("w/<slug:slug>/settings/", views.workspace_settings, name="workspace_settings"),
    path("w/<slug:slug>/delete/", views.workspace_delete, name="workspace_delete"),
    path("w/<slug:slug>/members/", views.member_list, name="member_list"),
    path("w/<slug:slug>/members/<uuid:membership_id>/", views.member_change, name="member_change"),
    path(
        "w/<slug:slug>/members/<uuid:membership_id>/remove/",
        views.member_remove,
        name="member_remove",
    ),
    path("api/v1/workspaces/", api.WorkspaceListView.as_view(), name="api_workspace_list"),
    path(
        "api/v1/workspaces/<slug:slug>/",
        api.WorkspaceDetailView.as_view(),
        name="api_workspace_detail",
    ),
    path(
        "api/v1/workspaces/<slug:slug>/members/",
        api.MemberListView.as_view(),
        name="api_member_list",
    ),
    path(
        "api/v1/workspaces/<slug:slug>/members/<uuid:id>/",
        api.MemberDetailView.as_view(),
        name="api_member_detail",
    ),
]
