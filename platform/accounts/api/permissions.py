"""Restricts pages and calls to administrators."""

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
    """Answer 404 to signed-in users who are no administrators."""

    @login_required
    @wraps(view)
    def guarded(request: AuthenticatedHttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_admin:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


class IsAdministrator(BasePermission):
    """Administrators only; other users get 404."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Return True for administrators, False (401) for visitors; raise 404 for other users."""
        if not request.user.is_authenticated:
            return False
        if not request.user.is_admin:
            raise NotFound
        return True
