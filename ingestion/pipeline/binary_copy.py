"""Values as PostgreSQL and pgvector read them in a binary COPY: a fraction of the work of writing numbers as text.

Pure functions. PostgreSQL's own formats: its `array_recv` and `jsonb_recv`; pgvector's: `halfvec_recv`,
`sparsevec_recv`. All numbers in network order.
"""

import json
from collections.abc import Mapping, Sequence
from struct import Struct, pack
from typing import Any, Final

from ingestion.lexical_terms import TERM_SPACE

_INT4: Final = 23  # The oids of the types of elements.
_TEXT: Final = 25
_SIZE: Final = Struct(">i")
_ARRAY: Final = Struct(">iiiii")  # Dimensions, whether any is null, the type; then of the one dimension size and start.
_EMPTY: Final = Struct(">iii")


def halfvec(numbers: Sequence[float]) -> bytes:
    """Write a vector; its numbers go to half precision."""
    return pack(f">hh{len(numbers)}e", len(numbers), 0, *numbers)


def sparsevec(weights: Mapping[int, float]) -> bytes:
    """Write weights by term id, which counts from 1 as pgvector does in text."""
    ids = sorted(weights)
    places = [term - 1 for term in ids]
    return pack(f">iii{len(ids)}i{len(ids)}f", TERM_SPACE, len(ids), 0, *places, *[weights[term] for term in ids])


def integers(numbers: Sequence[int]) -> bytes:
    """Write an array of integers of four bytes."""
    if not numbers:
        return _EMPTY.pack(0, 0, _INT4)
    pairs = [part for number in numbers for part in (4, number)]
    return _ARRAY.pack(1, 0, _INT4, len(numbers), 1) + pack(f">{len(pairs)}i", *pairs)


def texts(values: Sequence[str]) -> bytes:
    """Write an array of texts."""
    if not values:
        return _EMPTY.pack(0, 0, _TEXT)
    encoded = [value.encode() for value in values]
    return _ARRAY.pack(1, 0, _TEXT, len(encoded), 1) + b"".join(_SIZE.pack(len(value)) + value for value in encoded)


def jsonb(value: Any) -> bytes:
    """Write what can be said in JSON, after the number of the format."""
    return b"\x01" + json.dumps(value).encode()
