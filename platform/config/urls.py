"""All URLs, by app. tests/test_guards.py requires an access decision for each route."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

urlpatterns = [
    path("", include("web.urls")),
    path("", include("accounts.urls")),
    path("", include("providers.urls")),
    path("", include("workspaces.urls")),
    path("", include("ingestion.urls")),
    path("", include("chat.urls")),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api_docs"),
]

handler400 = "web.api.problems.bad_request"
handler403 = "web.api.problems.permission_denied"
handler404 = "web.api.problems.not_found"
handler500 = "web.api.problems.server_error"
