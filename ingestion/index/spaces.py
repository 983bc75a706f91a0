"""The present embedding space of a model, whose vector size may change under the same name.

The size is the one last found at the server, else that of the last vectors. Vectors of two sizes
cannot be compared, so `fingerprint` and `active_space` treat a model of another size as another
model.
"""

from typing import Final

from django.db.models.functions import Now

from ingestion.models import EmbeddingSpace
from providers.registry import known_dimensions
from web.compiled_querysets import CompiledQueryset, columns, instance


def dimensions_of(model: str) -> int | None:
    """Return the present vector size of `model` without asking its server; None if unknown."""
    known = known_dimensions(model)
    if known is None and (space := _newest(model)) is not None:
        return space.dimensions
    return known


def current_space(model: str) -> EmbeddingSpace | None:
    """Return the present space of `model`; None before its first vector."""
    known, newest = known_dimensions(model), _newest(model)
    if known is None or (newest is not None and newest.dimensions == known):
        return newest
    return EmbeddingSpace.objects.filter(model=model, dimensions=known).first()


def space_of(model: str, dimensions: int) -> EmbeddingSpace:
    """Return the space of new vectors of `model`, and make it the current one."""
    newest = _newest(model)
    if newest is not None and newest.dimensions == dimensions:
        return newest
    space, _made = EmbeddingSpace.objects.update_or_create(
        model=model, dimensions=dimensions, defaults={"current_since": Now()}
    )
    return space


def _newest(model: str) -> EmbeddingSpace | None:
    rows = _NEWEST.rows(model)
    return instance(EmbeddingSpace, rows[0]) if rows else None


_NEWEST: Final = CompiledQueryset(
    lambda model: (
        EmbeddingSpace.objects.filter(model=model)
        .order_by("-current_since", "-pk")
        .values_list(*columns(EmbeddingSpace))[:1]
    ),
    str,
)
