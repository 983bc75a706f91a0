import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from chat.retrieval.dense import nearest_chunks
from ingestion.index import hnsw
from ingestion.models import Embedding, EmbeddingSpace
from providers.registry import embedding_model
from web.locks import JobLock

TEXTS = [
    f"{thing} number {number}"
    for number in range(12)
    for thing in ("wing", "bread", "river", "lamp", "song")
]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def things(workspace, indexed, monkeypatch):
    monkeypatch.setattr(hnsw, "MIN_INDEXED_VECTORS", 20)
    indexed(workspace, "things.txt", *TEXTS)
    yield workspace
    for index in hnsw._indexes():
        hnsw._execute(f'DROP INDEX "{index.name}"')


@pytest.fixture
def space(things):
    return EmbeddingSpace.objects.get()


def vector_of(text: str):
    return embedding_model("builtin/static").embed_query(text)


def leg(user, workspace, space, query="a loaf of bread", depth=12):
    return nearest_chunks(user, workspace, space, vector_of(query), depth=depth)


def test_an_index_finds_the_same_chunks_as_a_scan(things, space, reader):
    scanned = leg(reader, things, space)

    hnsw.maintain_near_indexes()

    assert hnsw.near_index(things, space) is not None
    assert [found.chunk for found in leg(reader, things, space)] == [
        found.chunk for found in scanned
    ]


def test_the_index_is_used(things, space, reader, django_assert_max_num_queries):
    hnsw.maintain_near_indexes()

    with CaptureQueriesContext(
        connection,
    ) as queries:
        leg(reader, things, space)

    looked_up = next(
        query["sql"] for query in queries if "<= " in query["sql"] and "<#>" in query["sql"]
    )
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
        cursor.execute("EXPLAIN " + looked_up)
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("RESET ALL")
    assert "Index Scan using near_" in plan


def test_vectors_later_than_the_index_are_found(things, space, reader, indexed):
    hnsw.maintain_near_indexes()

    late = indexed(things, "late.txt", "a loaf of bread")

    assert leg(reader, things, space)[0].chunk == late.chunks.get().pk


def test_strangers_find_nothing_by_an_index_either(things, space, stranger):
    hnsw.maintain_near_indexes()

    assert leg(stranger, things, space) == []


def test_a_deleted_chunk_is_not_found_by_an_index(things, space, reader):
    hnsw.maintain_near_indexes()
    best = leg(reader, things, space)[0].chunk

    Embedding.objects.filter(chunk=best).delete()

    assert best not in [found.chunk for found in leg(reader, things, space)]


def test_a_small_workspace_gets_no_index(things, workspace, monkeypatch):
    monkeypatch.setattr(hnsw, "MIN_INDEXED_VECTORS", 1000)

    hnsw.maintain_near_indexes()

    assert list(hnsw._indexes()) == []


def test_an_index_is_replaced_after_many_later_vectors(things, space, indexed):
    hnsw.maintain_near_indexes()
    first = hnsw.near_index(things, space)

    indexed(things, "few.txt", *TEXTS[:10])
    hnsw.maintain_near_indexes()
    assert hnsw.near_index(things, space) == first

    indexed(things, "many.txt", *TEXTS)
    hnsw.maintain_near_indexes()
    assert [index.last for index in hnsw._indexes()] == [Embedding.objects.latest("pk").pk]


def test_an_index_goes_with_its_workspace(things, space):
    hnsw.maintain_near_indexes()

    things.documents.all().delete()
    hnsw.maintain_near_indexes()

    assert list(hnsw._indexes()) == []


def test_an_index_broken_off_is_not_searched_and_is_made_again(things, space, reader):
    from django.db import connection

    hnsw.maintain_near_indexes()
    name = hnsw.near_index(things, space).name
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass", [name]
        )

    assert hnsw.near_index(things, space) is None
    assert leg(reader, things, space)
    hnsw.maintain_near_indexes()
    assert hnsw.near_index(things, space) is not None


def test_only_one_process_maintains_at_a_time(things, space):
    from django.db import connection

    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [int(JobLock.NEAR_INDEXES)])
        hnsw.maintain_near_indexes()
        assert list(hnsw._indexes()) == []
    finally:
        other.close()


def test_an_index_returns_as_many_as_are_asked_for(workspace, indexed, reader, monkeypatch):
    """One look into the graph returns at most ef_search rows; an iterative scan goes on until there are enough."""
    monkeypatch.setattr(hnsw, "MIN_INDEXED_VECTORS", 20)
    indexed(workspace, "things.txt", *(f"bread number {number}" for number in range(900)))
    space = EmbeddingSpace.objects.get()
    hnsw.maintain_near_indexes()
    with CaptureQueriesContext(connection) as queries:
        leg(reader, workspace, space, depth=800)
    settings = [query["sql"] for query in queries if query["sql"].startswith("SET LOCAL")]
    looked_up = next(
        query["sql"] for query in queries if "<= " in query["sql"] and "<#>" in query["sql"]
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off"
        )
        cursor.execute("; ".join(settings))
        cursor.execute("EXPLAIN " + looked_up)
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute(looked_up)
        found = cursor.fetchall()
    for index in hnsw._indexes():
        hnsw._execute(f'DROP INDEX "{index.name}"')

    assert "Index Scan using near_" in plan
    assert len(found) == 800
