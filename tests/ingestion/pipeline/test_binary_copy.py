"""Values written by the binary COPY of `publishing` are read back from the database unchanged."""

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as some
from pgvector import HalfVector
from psycopg.types.json import Jsonb

from ingestion.lexical_terms import TERM_SPACE, sparse_vector
from ingestion.pipeline.publishing import copy_rows

pytestmark = pytest.mark.django_db
numbers = some.floats(-1, 1, width=16)
texts = some.text(some.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def round_trip(column_type: str, copy_type: str, value: object) -> str:
    """Write a value by COPY; return the database's text of the value."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS written_{column_type.strip('[]')} (value {column_type})"
        )
        cursor.execute(f"TRUNCATE written_{column_type.strip('[]')}")
        copy_rows(f"written_{column_type.strip('[]')}", {"value": copy_type}, [[value]])
        cursor.execute(f"SELECT value::text FROM written_{column_type.strip('[]')}")
        return cursor.fetchone()[0]


def cast(value: object, type_: str) -> str:
    """Return the database's text of a value that is sent as text."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT %s::{type_}::text", [value])
        return cursor.fetchone()[0]


@settings(max_examples=30, deadline=None)
@given(some.lists(numbers, min_size=1, max_size=400))
def test_vectors_are_read_back_unchanged(vector):
    assert round_trip("halfvec", "bytea", HalfVector(vector).to_binary()) == cast(
        str(vector), "halfvec"
    )


@settings(max_examples=30, deadline=None)
@given(
    some.dictionaries(some.integers(1, TERM_SPACE), some.floats(2**-10, 3, width=32), max_size=300)
)
def test_weights_are_read_back_unchanged(weights):
    sent = (
        "{"
        + ",".join(f"{term}:{weight!r}" for term, weight in weights.items())
        + f"}}/{TERM_SPACE}"
    )

    assert round_trip("sparsevec", "bytea", sparse_vector(weights).to_binary()) == cast(
        sent, "sparsevec"
    )


@settings(max_examples=30, deadline=None)
@given(some.lists(some.integers(1, TERM_SPACE), max_size=300))
def test_terms_are_read_back_unchanged(terms):
    assert round_trip("int[]", "int4[]", terms) == cast(terms, "int[]")


@settings(max_examples=30, deadline=None)
@given(some.lists(texts, max_size=6))
def test_headings_are_read_back_unchanged(headings):
    assert round_trip("text[]", "text[]", headings) == cast(headings, "text[]")


def test_boxes_are_read_back_unchanged():
    boxes = [(1, 0.5, 0.25, 1.0, 0.75)]

    assert round_trip("jsonb", "jsonb", Jsonb(boxes)) == "[[1, 0.5, 0.25, 1.0, 0.75]]"
    assert round_trip("jsonb", "jsonb", Jsonb([])) == "[]"
