"""Lists for programs: cursors, so that a list read while rows arrive neither repeats nor skips one."""

from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    """Pages of rows, newest first: identifiers are ordered by time."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500


class OldestFirst(NewestFirst):
    """Pages of rows in the order in which they came."""

    ordering = "id"
