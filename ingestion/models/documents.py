"""Blob, Document, Chunk, EmbeddingSpace and Embedding: documents and their index.

The rows are the queue, see `queue.claims`: a document's status decides its next step.
`pipeline.indexing` makes chunks of a document.
"""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from pgvector.django import HalfVectorField, SparseVectorField

from accounts.models import User
from ingestion.errors import messages
from ingestion.errors.exceptions import PASSWORD_NEEDED
from ingestion.lexical_terms import TERM_SPACE
from web.ids import new_id
from workspaces.models import Workspace

TITLE_LENGTH = 500


class Blob(models.Model):
    """The bytes of one or more documents, stored once as a file in `settings.BLOB_DIR`."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    size = models.PositiveBigIntegerField()
    created = models.DateTimeField(auto_now_add=True)
    # Written by `storage.integrity`: the time of the last check, and whether the digest differed.
    checked = models.DateTimeField(null=True)
    damaged = models.BooleanField(default=False, db_default=False)

    def __str__(self) -> str:
        return self.sha256


class DocumentQuerySet(models.QuerySet["Document"]):
    """Documents, narrowed by permission or name."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Documents in the workspaces `user` may see."""
        return self.filter(workspace__in=Workspace.objects.visible_to(user))

    def editable_by(self, user: User | AnonymousUser) -> Self:
        """Documents that `user` may change or delete."""
        return self.filter(workspace__in=Workspace.objects.editable_by(user))

    def called(self, words: str) -> Self:
        """Documents whose name or title contains `words`; all documents for an empty string."""
        words = words.replace("\x00", "").strip()
        return self.filter(Q(name__icontains=words) | Q(title__icontains=words)) if words else self


class Document(models.Model):
    """One document of a workspace, from its arrival until it is deleted."""

    class Status(models.TextChoices):
        """The state of a document in the queue."""

        QUEUED = "queued", _("Waiting")
        PROCESSING = "processing", _("Processing")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    class Stage(models.TextChoices):
        """The current stage of a document that is being processed."""

        PARSE = "parse", _("Reading")
        SPLIT = "split", _("Splitting")
        EMBED = "embed", _("Embedding")
        INDEX = "index", _("Indexing")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="documents")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="documents")
    name = models.CharField(_("name"), max_length=255)
    title = models.CharField(_("title"), max_length=TITLE_LENGTH, blank=True, default="")
    media_type = models.CharField(max_length=150, blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    # The version that serves until `version` is ready; null where there is no other. See
    # `documents.versions`.
    stand_in = models.PositiveIntegerField(null=True)
    # The archive of a member, whose deletion deletes the member. `contents` records the unpacking
    # of an archive, see `documents.archive_contents`.
    archive = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="members")
    contents = models.JSONField(null=True)
    pinned = models.BooleanField(_("pinned"), default=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created = models.DateTimeField(auto_now_add=True)

    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    stage = models.CharField(max_length=5, choices=Stage, null=True)  # noqa: DJ001 - null: not in work
    progress = models.FloatField(default=0.0)
    pages = models.PositiveIntegerField(null=True)
    # Running headers and footers removed: text and count.
    repeated = models.JSONField(default=list, db_default=[])
    chunk_count = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=40, blank=True, default="")
    # Selects and completes the sentence of `error_code`.
    error_details = models.JSONField(default=dict, blank=True)
    # Pages or chunks of the current stage: finished, and in all.
    done = models.PositiveIntegerField(null=True)
    total = models.PositiveIntegerField(null=True)
    # Chunks that the model could not embed; keyword search finds them.
    without_vector = models.PositiveIntegerField(default=0, db_default=0)
    # The fingerprint of the serving chunks; a document is indexed again if the fingerprint of its
    # workspace differs. See `index.fingerprint`.
    make = models.CharField(max_length=300, blank=True, default="")

    # The slug of the parse server to use; null: the workspace's choice, "": the built-in parsers.
    parse_server = models.CharField(max_length=40, null=True)  # noqa: DJ001
    # The parse server used or tried: {slug, name, said}, where `said` is the error for which the
    # built-in parsers replaced it.
    parsed_by = models.JSONField(null=True)

    # The queue, written by `ingestion.queue.claims`. A queued document may be claimed from `due`
    # on, one in work once `due` has passed without a renewal. `claim` identifies the worker that
    # may write results.
    due = models.DateTimeField(db_default=Now())
    claim = models.UUIDField(null=True)
    claimed_at = models.DateTimeField(null=True)
    # Attempts that a missing service postponed.
    attempts = models.PositiveSmallIntegerField(default=0)
    # Workers that died during its indexing.
    takeovers = models.PositiveSmallIntegerField(default=0)
    # Encrypted, from the retry until a worker takes it.
    sealed_password = models.BinaryField(null=True)

    waited: timedelta | None = None  # Time in the queue; set by a claim, not stored.

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["workspace", "name", "-id"], name="document_name"),
            models.Index(
                fields=["workspace", "due"],
                name="document_queue",
                condition=Q(status__in=["queued", "processing"]),
            ),
            models.Index(fields=["workspace", "claimed_at"], name="document_turn"),
            models.Index(fields=["workspace", "-id"], name="document_newest"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def stem(self) -> str:
        """The title above the chunks: the document's title, or its name without the suffix."""
        return self.title or self.name.rsplit(".", 1)[0] or self.name

    @property
    def is_unfinished(self) -> bool:
        """Whether the document is queued or being processed."""
        return self.status in {self.Status.QUEUED, self.Status.PROCESSING}

    @property
    def can_be_retried(self) -> bool:
        """Whether a retry may succeed without further input, such as a password."""
        failed = self.status == self.Status.FAILED and self.error_code != PASSWORD_NEEDED
        return failed or self.status == self.Status.CANCELLED

    @property
    def serving(self) -> int | None:
        """The version that is searched and cited now; None before the first was ready."""
        ready = self.status == self.Status.READY or self.chunk_count
        return self.stand_in or (self.version if ready else None)

    @property
    def error(self) -> dict[str, str] | None:
        """The error: a code for programs and one sentence in the reader's language."""
        return messages.error(self.error_code, self.error_details)


class ChunkQuerySet(models.QuerySet["Chunk"]):
    """Chunks, narrowed by permission. Every search starts from `visible_to`."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Chunks in the workspaces `user` may see."""
        return self.filter(workspace__in=Workspace.objects.visible_to(user))


class Chunk(models.Model):
    """A piece of a document, the unit of search and citation.

    `terms` are the hashed terms for the inverted index, `weights` the same with their BM25 weight;
    `text` is quoted. `workspace` is repeated here, so that searches check permission without a
    join.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    document = models.ForeignKey(
        Document, on_delete=models.CASCADE, related_name="chunks", db_index=False
    )
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveIntegerField()
    text = models.TextField()
    headings = ArrayField(models.TextField(), default=list)
    page_from = models.PositiveIntegerField(null=True)
    page_to = models.PositiveIntegerField(null=True)
    # Start and end of `text` in the parsed text, in characters.
    start = models.PositiveIntegerField(default=0)
    end = models.PositiveIntegerField(default=0)
    # `boxes`: page, left, top, right and bottom of each rectangle. `anchors`: offset in `text`, page
    # and number of the box, where each page or box begins. See `pipeline.chunking`.
    boxes = models.JSONField(default=list, db_default=[])
    anchors = models.JSONField(default=list, db_default=[])
    terms = ArrayField(models.IntegerField(), default=list)
    weights = SparseVectorField(dimensions=TERM_SPACE, null=True)

    objects = ChunkQuerySet.as_manager()

    class Meta:
        ordering = ["document", "position"]
        constraints = [
            models.UniqueConstraint(fields=["document", "position"], name="chunk_position")
        ]
        # A pending list of 256 kB takes an eighth of the work of single inserts, at little cost to
        # searches.
        indexes = [
            GinIndex(
                fields=["terms"], name="chunk_terms", fastupdate=True, gin_pending_list_limit=256
            )
        ]

    def __str__(self) -> str:
        return f"{self.document_id} #{self.position}"


class EmbeddingSpace(models.Model):
    """All vectors of one embedding model: only vectors of one space can be compared."""

    model = models.CharField(max_length=200)
    dimensions = models.PositiveIntegerField()
    created = models.DateTimeField(auto_now_add=True)
    # A model may change the size of its vectors, and back.
    current_since = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "dimensions"], name="embedding_space_once")
        ]

    def __str__(self) -> str:
        return f"{self.model} ({self.dimensions})"


class EmbeddingQuerySet(models.QuerySet["Embedding"]):
    """Vectors, narrowed by permission."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Vectors of the chunks that `user` may see."""
        return self.filter(workspace__in=Workspace.objects.visible_to(user))


class Embedding(models.Model):
    """The vector of a chunk in a space; during a change of model, a chunk has one in each space."""

    chunk = models.ForeignKey(
        Chunk, on_delete=models.CASCADE, related_name="embeddings", db_index=False
    )
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    space = models.ForeignKey(
        EmbeddingSpace, on_delete=models.CASCADE, related_name="embeddings", db_index=False
    )
    # Without fixed dimensions, since spaces differ; the index of a large space casts to its size.
    vector = HalfVectorField()
    # Hash of the embedded text, for models that are slower than a query.
    text_hash = models.BinaryField(null=True)

    objects = EmbeddingQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chunk", "space"], name="embedding_once")]
        indexes = [
            models.Index(fields=["workspace", "space"], name="embedding_scan"),
            models.Index(
                fields=["text_hash", "workspace", "space"],
                name="embedding_of_text",
                condition=Q(text_hash__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.chunk_id} in {self.space_id}"


class UnpublishedVectorQuerySet(models.QuerySet["UnpublishedVector"]):
    """Unpublished vectors, narrowed by permission."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of the documents that `user` may see."""
        return self.filter(document__in=Document.objects.visible_to(user))


class UnpublishedVector(models.Model):
    """A vector of a document that is not ready, for the worker that resumes it."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+")
    space = models.ForeignKey(
        EmbeddingSpace, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    text_hash = models.BinaryField()
    vector = HalfVectorField()
    created = models.DateTimeField(db_default=Now())

    objects = UnpublishedVectorQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.document_id} in {self.space_id}"


class ServingQuerySet(models.QuerySet["Serving"]):
    """Serving spaces, narrowed by permission."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of the workspaces `user` may see."""
        return self.filter(workspace__in=Workspace.objects.visible_to(user))


class Serving(models.Model):
    """The embedding space that the searches of a workspace use."""

    workspace = models.OneToOneField(
        Workspace, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    space = models.ForeignKey(EmbeddingSpace, on_delete=models.CASCADE, related_name="+")

    objects = ServingQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.space_id} in {self.workspace_id}"
