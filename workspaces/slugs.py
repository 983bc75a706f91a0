"""Slugs: the immutable names of workspaces in addresses."""

import secrets

from django.utils.text import slugify

LENGTH = 50
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # Without those that are taken for one another.


def slug_candidates(name: str) -> list[str]:
    """Return slugs for `name`, the best first.

    The last ones are random, since a Chinese name has no letters to keep.
    """
    plain = slugify(name)[:LENGTH].strip("-_")
    stem = plain or "workspace"
    return [*([plain] if plain else []), *(f"{stem}-{_random()}" for _attempt in range(5))]


def _random() -> str:
    return "".join(secrets.choice(ALPHABET) for _place in range(6))
