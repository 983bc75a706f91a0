"""Addresses of accounts: pages, then the API."""

from django.urls import path

from accounts import administration, api, views

urlpatterns = [
    path("setup/", views.setup_server, name="setup"),
    path("login/", views.sign_in, name="login"),
    path("logout/", views.sign_out, name="logout"),
    path("account/", views.account, name="account"),
    path("account/password/", views.password_change, name="password_change"),
    path("account/tokens/", views.token_create, name="token_create"),
    path("account/tokens/<uuid:token_id>/revoke/", views.token_revoke, name="token_revoke"),
    path("users/", administration.user_list, name="user_list"),
    path("users/<uuid:user_id>/", administration.user_detail, name="user_detail"),
    path("groups/", administration.group_list, name="group_list"),
    path("groups/<uuid:group_id>/", administration.group_detail, name="group_detail"),
    path("groups/<uuid:group_id>/delete/", administration.group_delete, name="group_delete"),
    path("api/v1/me/", api.MeView.as_view(), name="api_me"),
    path("api/v1/tokens/", api.TokenListView.as_view(), name="api_token_list"),
    path("api/v1/tokens/<uuid:id>/", api.TokenDetailView.as_view(), name="api_token_detail"),
    path("api/v1/users/", api.UserListView.as_view(), name="api_user_list"),
    path("api/v1/users/<uuid:id>/", api.UserDetailView.as_view(), name="api_user_detail"),
    path("api/v1/groups/", api.GroupListView.as_view(), name="api_group_list"),
    path("api/v1/groups/<uuid:id>/", api.GroupDetailView.as_view(), name="api_group_detail"),
]
