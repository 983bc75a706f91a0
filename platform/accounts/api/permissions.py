"""Who may use the pages and calls of administrators."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from rest_framework.exceptions import NotFound
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from web.requests import AuthenticatedHttpRequest

View = Callable[..., HttpResponse]


def administrator_required(view: View) -> View:
    """Let administrators through; for anybody else signed in there is nothing here."""

    @login_required
    @wraps(view)
    def guarded(request: AuthenticatedHttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_admin:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


class IsAdministrator(BasePermission):
    """Administrators only; what others may not see is not there."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Say yes to administrators, 404 to other users, and no (a 401) to visitors."""
        if not request.user.is_authenticated:
            return False
        if not request.user.is_admin:
            raise NotFound
        return True
