"""Slugs: the immutable names of workspaces in URLs."""

import secrets

from django.utils.text import slugify

MAX_SLUG_CHARACTERS = 50
SUFFIX_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # Without characters that look alike.


def slug_candidates(name: str) -> list[str]:
    """Return slugs for `name`, best first.

    The last are random, since a Chinese name has no ASCII letters.
    """
    plain = slugify(name)[:MAX_SLUG_CHARACTERS].strip("-_")
    stem = plain or "workspace"
    suffixes = [
        "".join(secrets.choice(SUFFIX_ALPHABET) for _place in range(6)) for _attempt in range(5)
    ]
    return [*([plain] if plain else []), *(f"{stem}-{suffix}" for suffix in suffixes)]
