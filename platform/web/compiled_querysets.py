"""Querysets that are compiled to SQL once.

They are for queries of each question and each stream of an answer.

Django compiles a queryset at each use, which for querysets of visibility takes several times as
long as the query. The definition of a queryset stays in its model; only its SQL is kept here. Use a
plain queryset unless a measurement shows a gain.
"""

from collections.abc import Callable, Sequence
from functools import cache, cached_property
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)
Value = UUID | str


class CompiledQueryset:
    """A queryset of tuples with parameters."""

    def __init__(
        self, build: Callable[..., "QuerySet[Any, tuple[Any, ...]]"], *kinds: type[Value]
    ) -> None:
        """`build` returns the queryset for parameters of these types.

        The parameters must appear unchanged in the SQL.
        """
        self._build = build
        self._kinds = kinds

    def rows(self, *values: Value) -> list[tuple[Any, ...]]:
        """Return the rows for `values` as the database adapter does: times, ids, numbers, text."""
        sql, parameters = self._compiled
        with connection.cursor() as cursor:
            cursor.execute(
                sql, [values[place] if place is not None else given for place, given in parameters]
            )
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    @cached_property
    def _compiled(self) -> tuple[str, list[tuple[int | None, Any]]]:
        """The SQL, and for each parameter the index of its value, or None and a constant."""
        marks: list[Any] = [uuid4() if kind is UUID else uuid4().hex for kind in self._kinds]
        sql, parameters = self._build(*marks).query.sql_with_params()
        places = [(marks.index(given) if given in marks else None, given) for given in parameters]
        assert {place for place, _given in places} - {None} == {*range(len(marks))}, (
            "a value did not reach the query"
        )
        return sql, places


def columns(model: type[Model], path: str = "") -> list[str]:
    """Return the fields of all columns of `model` in order, each with the prefix `path`."""
    return [path + field.attname for field in model._meta.concrete_fields]


def instance(model: type[M], row: Sequence[Any]) -> M:
    """Return the instance of a row of `columns`."""
    values = list(row)
    for place, read in _readers(model):
        values[place] = read(values[place], None, connection)
    return model.from_db("default", columns(model), values)


@cache
def _readers(model: type[Model]) -> list[tuple[int, Callable[..., Any]]]:
    """Return index and converter of each column whose Python value differs from the stored one."""
    fields = enumerate(model._meta.concrete_fields)
    return [
        (place, field.from_db_value) for place, field in fields if hasattr(field, "from_db_value")
    ]
