"""The search page: passages as they stand in the documents, without an answer."""

from typing import Any, Final, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chat import retrieval
from chat.admission import slots_for
from chat.views.conversations import frame
from providers.exceptions import ProviderError
from web.admission import TooManyWaiting
from web.partials import render_page_or_partial
from web.requests import AuthenticatedHttpRequest
from workspaces.access import workspace_for
from workspaces.models import Workspace

HITS_SHOWN: Final = 20
LONGEST_QUERY: Final = 1000


@login_required
@require_safe
def search(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Search a workspace; htmx replaces the results alone."""
    workspace = workspace_for(request.user, slug)
    modes = [("hybrid", _("Combined")), ("lexical", _("Keyword")), ("dense", _("Semantic"))]
    query = request.GET.get("query", request.GET.get("q", "")).replace("\x00", "").strip()[:LONGEST_QUERY]
    asked = request.GET.get("mode", "")
    mode = cast("retrieval.Mode", asked if asked in dict(modes) else "hybrid")
    context = {**frame(request.user, workspace), "modes": modes, "mode": mode, "query": query}
    if query:
        context |= _found(request, workspace, query, mode)
    return render_page_or_partial(request, "chat/search.html", context, partial="search-results")


def _found(request: AuthenticatedHttpRequest, workspace: Workspace, query: str, mode: retrieval.Mode) -> dict[str, Any]:
    try:
        with slots_for(workspace).slot(request.user.pk):
            found = retrieval.search(request.user, workspace, query, top_k=HITS_SHOWN, mode=mode)
    except (ProviderError, TooManyWaiting) as error:
        messages.error(request, str(error))
        return {}
    return {"hits": found.hits, "trace": found.trace}
