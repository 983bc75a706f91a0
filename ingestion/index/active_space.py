"""Which embedding space the searches of a workspace use, and when that changes.

Vectors of another model, or of another size, are added beside those that serve. Once every document
has them, searches change over in one UPDATE and the old vectors are purged. While a failed document
lacks them, the old ones serve.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from embedded.health.heartbeat import stopping
from ingestion.index.fingerprint import make_of
from ingestion.index.spaces import current_space, dimensions_of
from ingestion.models import Document, Embedding, EmbeddingSpace, Serving
from web.compiled_querysets import CompiledQueryset, columns, instance
from workspaces.models import Workspace

_PURGE_BATCH_SIZE: Final = 5_000
_SERVE_FIRST: Final = (
    "INSERT INTO ingestion_serving (workspace_id, space_id) VALUES (%s, %s) ON CONFLICT DO NOTHING"
)
_PURGE: Final = """
    DELETE FROM ingestion_embedding WHERE id IN (
        SELECT id FROM ingestion_embedding WHERE workspace_id = %s AND space_id = %s LIMIT %s
    )
"""


@dataclass(frozen=True, slots=True)
class Rebuilding:
    """The progress of a workspace towards another embedding model, in documents."""

    model: str
    done: int
    failed: int
    total: int


def serving_space(workspace: Workspace) -> EmbeddingSpace | None:
    """Return the space that searches use; None before the first document is indexed."""
    rows = _SERVING.rows(workspace.pk)
    return instance(EmbeddingSpace, rows[0]) if rows else None


_SERVING: Final = CompiledQueryset(
    lambda workspace: Serving.objects.filter(workspace=workspace).values_list(
        *columns(EmbeddingSpace, "space__")
    ),
    UUID,
)


def serve_first(workspace_id: UUID, space: EmbeddingSpace) -> None:
    """Let searches of the workspace use `space` if they use none yet."""
    with connection.cursor() as cursor:  # Runs for every document, hence plain SQL.
        cursor.execute(_SERVE_FIRST, [workspace_id, space.pk])


def rebuilding(workspace: Workspace) -> Rebuilding | None:
    """Return the progress of a change of the embedding model; None without one."""
    space = serving_space(workspace)
    if space is None or _is_wanted(space, workspace):
        return None
    documents = _with_vectors(workspace)
    left = documents.exclude(make=make_of(workspace))
    total, behind = documents.count(), left.count()
    wanted = workspace.setting("embedding_model")
    return Rebuilding(
        wanted, total - behind, left.filter(status=Document.Status.FAILED).count(), total
    )


def change_over(workspace: Workspace) -> bool:
    """Let searches use the workspace's model if every document has its vectors.

    Returns whether they changed over.
    """
    space = serving_space(workspace)
    if space is None or _is_wanted(space, workspace):
        return False
    fresh = Workspace.objects.filter(pk=workspace.pk, deleted__isnull=True).first()
    if fresh is None or _with_vectors(fresh).exclude(make=make_of(fresh)).exists():
        return False
    new = current_space(fresh.setting("embedding_model"))
    if new is None or not _embeddings(fresh, new).exists():
        # No vectors at all: the first document that is indexed decides.
        return bool(Serving.objects.filter(workspace=fresh).delete()[0])
    return bool(Serving.objects.filter(workspace=fresh, space=space).update(space=new))


def purge_old_vectors(workspace: Workspace) -> int:
    """Delete the vectors that no search of `workspace` uses or will use; return how many."""
    serving = serving_space(workspace)
    if serving is None:
        return 0
    purged = 0
    for space in EmbeddingSpace.objects.exclude(pk=serving.pk):
        if not _is_wanted(space, workspace) and _embeddings(workspace, space).exists():
            purged += _purge(workspace, space)
    return purged


def _is_wanted(space: EmbeddingSpace, workspace: Workspace) -> bool:
    """Whether a space has the workspace's model and, if known, its present vector size."""
    model = workspace.setting("embedding_model")
    return space.model == model and dimensions_of(model) in (None, space.dimensions)


def _purge(workspace: Workspace, space: EmbeddingSpace) -> int:
    """Delete in batches, which keeps locks short."""
    purged = 0
    while not stopping.is_set():
        with connection.cursor() as cursor:
            cursor.execute(_PURGE, [workspace.pk, space.pk, _PURGE_BATCH_SIZE])
            purged += cursor.rowcount
            if cursor.rowcount < _PURGE_BATCH_SIZE:
                break
    return purged


def _with_vectors(workspace: Workspace) -> "QuerySet[Document]":
    """Return the searchable documents except cancelled ones, which do not delay a change-over."""
    found = Document.objects.filter(workspace=workspace, chunk_count__gt=0)
    return found.exclude(status=Document.Status.CANCELLED)


def _embeddings(workspace: Workspace, space: EmbeddingSpace) -> "QuerySet[Embedding]":
    return Embedding.objects.filter(workspace=workspace, space=space)
