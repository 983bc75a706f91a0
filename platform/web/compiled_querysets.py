"""Querysets that are compiled once, for the few that every question and every reader of an answer waits for.

Django builds and compiles a queryset anew at each use. For one that says who may see what, that takes several times as
long as the database needs for it. What a queryset says stays where it is; only its SQL is kept here. For anything that
is not measured to matter, a plain queryset is the way.
"""

from collections.abc import Callable, Sequence
from functools import cache, cached_property
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)
Value = UUID | str


class Compiled:
    """A queryset of tuples whose values alone differ from one use to the next."""

    def __init__(self, build: Callable[..., "QuerySet[Any, tuple[Any, ...]]"], *kinds: type[Value]) -> None:
        """Take what makes the queryset of values of these kinds; each must reach the SQL as it is."""
        self._build = build
        self._kinds = kinds

    def rows(self, *values: Value) -> list[tuple[Any, ...]]:
        """Return what the queryset finds for `values`, as the database gives it: times, ids, numbers and text."""
        sql, parameters = self._compiled
        with connection.cursor() as cursor:
            cursor.execute(sql, [values[place] if place is not None else given for place, given in parameters])
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    @cached_property
    def _compiled(self) -> tuple[str, list[tuple[int | None, Any]]]:
        """The SQL, and for each parameter which of the values it is, or what it always is."""
        marks: list[Any] = [uuid4() if kind is UUID else uuid4().hex for kind in self._kinds]
        sql, parameters = self._build(*marks).query.sql_with_params()
        places = [(marks.index(given) if given in marks else None, given) for given in parameters]
        assert {place for place, _given in places} - {None} == {*range(len(marks))}, "a value did not reach the query"
        return sql, places


def columns(model: type[Model], path: str = "") -> list[str]:
    """Return the fields of all columns of `model` in order, seen from a model that reaches it by `path`."""
    return [path + field.attname for field in model._meta.concrete_fields]


def instance(model: type[M], row: Sequence[Any]) -> M:
    """Return the instance that its columns make."""
    values = list(row)
    for place, read in _readers(model):
        values[place] = read(values[place], None, connection)
    return model.from_db("default", columns(model), values)


@cache
def _readers(model: type[Model]) -> list[tuple[int, Callable[..., Any]]]:
    """The places of columns that are another thing in Python than in the database, and what makes it of them."""
    fields = enumerate(model._meta.concrete_fields)
    return [(place, field.from_db_value) for place, field in fields if hasattr(field, "from_db_value")]
