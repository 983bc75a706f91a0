"""Cursor pagination, so that a list neither repeats nor skips rows while others are added."""

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    """Pages of rows, newest first, as identifiers are ordered by time."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500

    def paginate_queryset(self, *args: Any, **kwargs: Any) -> list[Any] | None:
        """Return the rows of the page; raises `NotFound` for an invalid cursor."""
        try:
            return super().paginate_queryset(*args, **kwargs)
        except (ValueError, ValidationError) as error:
            raise NotFound(self.invalid_cursor_message) from error


class OldestFirst(NewestFirst):
    """Pages of rows, oldest first."""

    ordering = "id"
