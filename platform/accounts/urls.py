"""URLs of accounts: pages, then the API."""

from django.urls import path

from accounts.api import accounts
from accounts.views import account, administration

urlpatterns = [
    path("setup/", account.setup_server, name="setup"),
    path("login/", account.sign_in, name="login"),
    path("logout/", account.sign_out, name="logout"),
    path("account/", account.account, name="account"),
    path("account/password/", account.password_change, name="password_change"),
    path("account/tokens/", account.token_create, name="token_create"),
    path("account/tokens/<uuid:token_id>/revoke/", account.token_revoke, name="token_revoke"),
    path("users/", administration.user_list, name="user_list"),
    path("users/<uuid:user_id>/", administration.user_detail, name="user_detail"),
    path("groups/", administration.group_list, name="group_list"),
    path("groups/<uuid:group_id>/", administration.group_detail, name="group_detail"),
    path("groups/<uuid:group_id>/delete/", administration.group_delete, name="group_delete"),
    path("api/v1/me/", accounts.MeView.as_view(), name="api_me"),
    path("api/v1/tokens/", accounts.TokenListView.as_view(), name="api_token_list"),
    path("api/v1/tokens/<uuid:id>/", accounts.TokenDetailView.as_view(), name="api_token_detail"),
    path("api/v1/users/", accounts.UserListView.as_view(), name="api_user_list"),
    path("api/v1/users/<uuid:id>/", accounts.UserDetailView.as_view(), name="api_user_detail"),
    path("api/v1/groups/", accounts.GroupListView.as_view(), name="api_group_list"),
    path("api/v1/groups/<uuid:id>/", accounts.GroupDetailView.as_view(), name="api_group_detail"),
]
