"""Saves the models that servers offer. Known rows keep the settings of administrators."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from django.db import transaction
from django.utils import timezone

from providers.connections import cache
from providers.embedding.token_rates import measured
from providers.exceptions import ProviderError
from providers.models import MAX_NAME_CHARACTERS, Connection, Model
from providers.protocols import FoundModel, ModelServer

_INTEGER_LIMIT: Final = 2**31  # PostgreSQL's integer.


def save_models(connection: Connection, found: Sequence[FoundModel]) -> None:
    """Save the models that the server offers now.

    A model that is no longer offered keeps its row, marked so, since workspaces may use it.
    """
    with transaction.atomic():
        # The row lock makes two checks of one connection run one after the other.
        Connection.objects.select_for_update().filter(pk=connection.pk).first()
        known = {row.name: row for row in connection.offered.all()}
        usable = {
            m.name: m
            for m in found
            if 0 < len(m.name) <= MAX_NAME_CHARACTERS and m.name.isprintable()
        }
        for name, model in usable.items():
            row = known.get(name) or Model(
                connection=connection,
                name=name,
                kind=model.kind,
                takes_system_prompt=model.takes_system_prompt,
            )
            row.context_tokens = _storable(model.context_tokens) or row.context_tokens
            row.dimensions = row.dimensions or _storable(
                model.dimensions
            )  # A measured size takes precedence.
            row.thinks = model.thinks
            row.is_offered = True
            row.last_seen = timezone.now()
            row.save()
        connection.offered.exclude(name__in=usable).update(is_offered=False)
    cache.forget()


def _storable(number: int | None) -> int | None:
    return number if number is not None and number < _INTEGER_LIMIT else None


def measure(server: ModelServer, row: Model) -> int:
    """Measure and save the dimensions and token rates of an embedding model; return the dimensions.

    Token rates are measured once, so that a text is always split alike. Raises a `ProviderError`.
    """
    unknown = replace(row.description, dimensions=None)
    dimensions = len(server.embedding_model(row.model_id, unknown).embed_query("size"))
    if row.token_rates is None or row.dimensions != dimensions:
        row.token_rates = _token_rates(server, row.description)
    row.dimensions = dimensions
    row.save(update_fields=["dimensions", "token_rates"])
    cache.forget()
    return dimensions


def _token_rates(server: ModelServer, found: FoundModel) -> dict[str, float] | None:
    """Return the measured rates as JSON; None if the server cannot count tokens."""
    try:
        rates = measured(lambda text: server.tokens_of(text, found))
    except ProviderError:
        return None
    return rates.as_row if rates else None
