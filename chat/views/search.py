"""The search page: passages without an answer."""

from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chat import retrieval
from chat.request_slots import slots_for
from chat.views.conversations import frame
from providers.exceptions import ProviderError
from web.admission import TooManyWaiting
from web.partials import render_page_or_partial
from web.requests import AuthenticatedHttpRequest
from workspaces.access import workspace_for

HITS_PER_PAGE: Final = 20
MAX_QUERY_CHARS: Final = 1000


@login_required
@require_safe
def search(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Search a workspace; htmx requests only the results."""
    workspace = workspace_for(request.user, slug)
    modes = [("hybrid", _("Combined")), ("lexical", _("Keyword")), ("dense", _("Semantic"))]
    query = (
        request.GET.get("query", request.GET.get("q", ""))
        .replace("\x00", "")
        .strip()[:MAX_QUERY_CHARS]
    )
    mode = request.GET.get("mode", "")
    mode = mode if mode in dict(modes) else "hybrid"
    context = {**frame(request.user, workspace), "modes": modes, "mode": mode, "query": query}
    if query:
        try:
            with slots_for(workspace).slot(request.user.pk):
                result = retrieval.search(
                    request.user, workspace, query, top_k=HITS_PER_PAGE, mode=mode
                )
            context |= {"hits": result.hits, "trace": result.trace}
        except (ProviderError, TooManyWaiting) as error:
            messages.error(request, str(error))
    return render_page_or_partial(request, "chat/search.html", context, partial="search-results")
