"""Which embedding space the searches of a workspace use, and when that changes.

Another model, or the same with vectors of another size, is built beside the one that serves. Once every document has
its vectors, searches go over to it in one UPDATE, and the old vectors are purged. A document that failed on the way
keeps its old ones, and so does the workspace.
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
from web.compiled_querysets import Compiled, columns, instance
from workspaces.models import Workspace

_PURGED_AT_ONCE: Final = 5_000
_SERVE_FIRST: Final = "INSERT INTO ingestion_serving (workspace_id, space_id) VALUES (%s, %s) ON CONFLICT DO NOTHING"
_PURGE: Final = """
    DELETE FROM ingestion_embedding WHERE id IN (
        SELECT id FROM ingestion_embedding WHERE workspace_id = %s AND space_id = %s LIMIT %s
    )
"""


@dataclass(frozen=True, slots=True)
class Rebuilding:
    """How far a workspace is on its way to another embedding model."""

    model: str
    done: int
    failed: int
    total: int


def serving_space(workspace: Workspace) -> EmbeddingSpace | None:
    """Return the space that searches use; None before anything was indexed."""
    rows = _SERVING.rows(workspace.pk)
    return instance(EmbeddingSpace, rows[0]) if rows else None


_SERVING: Final = Compiled(
    lambda workspace: Serving.objects.filter(workspace=workspace).values_list(*columns(EmbeddingSpace, "space__")),
    UUID,
)


def serve_first(workspace_id: UUID, space: EmbeddingSpace) -> None:
    """Have searches use `space` where they use none yet."""
    with connection.cursor() as cursor:  # Run for every document, so as it is.
        cursor.execute(_SERVE_FIRST, [workspace_id, space.pk])


def rebuilding(workspace: Workspace) -> Rebuilding | None:
    """Say how far a change of the embedding model is; None where there is none."""
    space = serving_space(workspace)
    if space is None or _is_wanted(space, workspace):
        return None
    documents = _with_vectors(workspace)
    left = documents.exclude(make=make_of(workspace))
    total, behind = documents.count(), left.count()
    wanted = workspace.setting("embedding_model")
    return Rebuilding(wanted, total - behind, left.filter(status=Document.Status.FAILED).count(), total)


def change_over(workspace: Workspace) -> bool:
    """Have searches use the workspace's model from now on, if every document has its vectors. Return whether."""
    space = serving_space(workspace)
    if space is None or _is_wanted(space, workspace):
        return False
    fresh = Workspace.objects.filter(pk=workspace.pk, deleted__isnull=True).first()
    if fresh is None or _with_vectors(fresh).exclude(make=make_of(fresh)).exists():
        return False
    new = current_space(fresh.setting("embedding_model"))
    if new is None or not _embeddings(fresh, new).exists():
        # There is nothing to search; whatever is indexed first decides.
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
    """Whether a space is that of the workspace's model, as far as anybody knows what it makes now."""
    model = workspace.setting("embedding_model")
    return space.model == model and dimensions_of(model) in (None, space.dimensions)


def _purge(workspace: Workspace, space: EmbeddingSpace) -> int:
    """Delete in portions, so that nobody waits long for a lock."""
    purged = 0
    while not stopping.is_set():
        with connection.cursor() as cursor:
            cursor.execute(_PURGE, [workspace.pk, space.pk, _PURGED_AT_ONCE])
            purged += cursor.rowcount
            if cursor.rowcount < _PURGED_AT_ONCE:
                break
    return purged


def _with_vectors(workspace: Workspace) -> "QuerySet[Document]":
    """Return the documents that searches find; one that was cancelled on the way is not waited for."""
    found = Document.objects.filter(workspace=workspace, chunk_count__gt=0)
    return found.exclude(status=Document.Status.CANCELLED)


def _embeddings(workspace: Workspace, space: EmbeddingSpace) -> "QuerySet[Embedding]":
    return Embedding.objects.filter(workspace=workspace, space=space)
