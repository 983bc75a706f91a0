"""Keeps what servers offer: new models get a row, known ones keep what administrators have said of them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from django.db import transaction
from django.utils import timezone

from providers.connections import cache
from providers.embedding.token_rates import measured
from providers.exceptions import ProviderError
from providers.models import NAME_LENGTH, Connection, Model
from providers.protocols import FoundModel, ModelServer

_MOST: Final = 2**31  # Of what a row can hold.


def take_in(connection: Connection, found: Sequence[FoundModel]) -> None:
    """Keep what the server offers now. What it offers no longer stays, marked: workspaces may name it."""
    with transaction.atomic():
        # Two checks at once meet here one after the other.
        Connection.objects.select_for_update().filter(pk=connection.pk).first()
        known = {row.name: row for row in connection.offered.all()}
        usable = {model.name: model for model in found if _can_be_named(model.name)}
        for name, model in usable.items():
            _keep(known.get(name) or _new(connection, model), model)
        connection.offered.exclude(name__in=usable).update(is_offered=False)
    cache.forget()


def measure(server: ModelServer, row: Model) -> int:
    """Find out how many numbers an embedding model makes and how it counts tokens, and keep it.

    Counts are kept as they were first made, so that the same text is always cut alike. Raises a `ProviderError`.
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
    try:
        rates = measured(lambda text: server.tokens_of(text, found))
    except ProviderError:  # It embeds, which is what counts.
        return None
    return rates.as_row if rates else None


def _can_be_named(name: str) -> bool:
    return 0 < len(name) <= NAME_LENGTH and name.isprintable()


def _new(connection: Connection, found: FoundModel) -> Model:
    system = found.takes_system_prompt
    return Model(connection=connection, name=found.name, kind=found.kind, takes_system_prompt=system)


def _keep(row: Model, found: FoundModel) -> None:
    row.context_tokens = _believable(found.context_tokens) or row.context_tokens
    row.dimensions = row.dimensions or _believable(found.dimensions)  # What was measured counts more than what is said.
    row.thinks = found.thinks
    row.is_offered = True
    row.last_seen = timezone.now()
    row.save()


def _believable(number: int | None) -> int | None:
    return number if number is not None and number < _MOST else None
