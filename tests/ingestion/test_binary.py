"""What goes in as bytes comes out of the database as what it was."""

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as some

from ingestion.lexical_terms import TERM_SPACE
from ingestion.pipeline import binary_copy

pytestmark = pytest.mark.django_db
COLUMNS = {"vector": "halfvec", "weights": "sparsevec", "terms": "int[]", "headings": "text[]", "boxes": "jsonb"}
numbers = some.floats(-1, 1, width=16)
texts = some.text(some.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def there_and_back(column: str, value: bytes) -> str:
    """Write a value by COPY; return what the database then says it is."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS written_{column} (value {COLUMNS[column]})")
        cursor.execute(f"TRUNCATE written_{column}")
        with cursor.copy(f"COPY written_{column} FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["bytea"])
            copy.write_row([value])
        cursor.execute(f"SELECT value::text FROM written_{column}")
        return cursor.fetchone()[0]


def said(value: object, type_: str) -> str:
    """Return what the database says of a value that it was told in words."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT %s::{type_}::text", [value])
        return cursor.fetchone()[0]


@settings(max_examples=30, deadline=None)
@given(some.lists(numbers, min_size=1, max_size=400))
def test_vectors(vector):
    assert there_and_back("vector", binary_copy.halfvec(vector)) == said(str(vector), "halfvec")


@settings(max_examples=30, deadline=None)
@given(some.dictionaries(some.integers(1, TERM_SPACE), some.floats(2**-10, 3, width=32), max_size=300))
def test_weights(weights):
    told = "{" + ",".join(f"{term}:{weight!r}" for term, weight in weights.items()) + f"}}/{TERM_SPACE}"

    assert there_and_back("weights", binary_copy.sparsevec(weights)) == said(told, "sparsevec")


@settings(max_examples=30, deadline=None)
@given(some.lists(some.integers(1, TERM_SPACE), max_size=300))
def test_terms(terms):
    assert there_and_back("terms", binary_copy.integers(terms)) == said(terms, "int[]")


@settings(max_examples=30, deadline=None)
@given(some.lists(texts, max_size=6))
def test_headings(headings):
    assert there_and_back("headings", binary_copy.texts(headings)) == said(headings, "text[]")


def test_boxes():
    assert there_and_back("boxes", binary_copy.jsonb([(1, 0.5, 0.25, 1.0, 0.75)])) == "[[1, 0.5, 0.25, 1.0, 0.75]]"
    assert there_and_back("boxes", binary_copy.jsonb([])) == "[]"
