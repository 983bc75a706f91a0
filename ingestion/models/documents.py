"""Blob, Document, Chunk, EmbeddingSpace and Embedding: what was given to us and what the index knows of it.

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
    """The bytes of a document, kept once however many documents have them. The file lies in `settings.BLOB_DIR`."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    size = models.PositiveBigIntegerField()
    created = models.DateTimeField(auto_now_add=True)
    # Written by `storage.integrity`: when the file was last read, and whether its bytes were others
    # than those kept.
    checked = models.DateTimeField(null=True)
    damaged = models.BooleanField(default=False, db_default=False)

    def __str__(self) -> str:
        return self.sha256


class DocumentQuerySet(models.QuerySet["Document"]):
    """Documents as a person may reach them."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Documents in the workspaces `user` may see."""
        return self.filter(workspace__in=Workspace.objects.visible_to(user))

    def editable_by(self, user: User | AnonymousUser) -> Self:
        """Documents that `user` may change or delete."""
        return self.filter(workspace__in=Workspace.objects.editable_by(user))

    def called(self, words: str) -> Self:
        """Documents whose name or title contains `words`; all of them when there are none."""
        words = words.replace("\x00", "").strip()
        return self.filter(Q(name__icontains=words) | Q(title__icontains=words)) if words else self


class Document(models.Model):
    """One document of a workspace, from its arrival until it is deleted."""

    class Status(models.TextChoices):
        """Where a document stands."""

        QUEUED = "queued", _("Waiting")
        PROCESSING = "processing", _("Processing")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    class Stage(models.TextChoices):
        """The stage of a document in work."""

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
    # The archive it came out of, which takes it along when it is deleted; and of an archive what
    # became of what was in it, see `documents.archive_contents`.
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
    repeated = models.JSONField(
        default=list, db_default=[]
    )  # Running lines left out: text and how often.
    chunk_count = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=40, blank=True, default="")
    error_details = models.JSONField(
        default=dict, blank=True
    )  # Picks and fills in the sentence of `error_code`.
    done = models.PositiveIntegerField(
        null=True
    )  # Pages or chunks of the stage in work, and of how many.
    total = models.PositiveIntegerField(null=True)
    without_vector = models.PositiveIntegerField(
        default=0, db_default=0
    )  # Chunks that the model could not embed: words find them.
    # How the chunks that serve were made; a document of another make than its workspace asks for is
    # made again.
    make = models.CharField(max_length=300, blank=True, default="")

    # The slug of the parse server to read it; null: as the workspace says, "": the built-in
    # readers.
    parse_server = models.CharField(max_length=40, null=True)  # noqa: DJ001
    # Which parse server read it, or was to: {slug, name, said}, where `said` is the sentence why
    # built-in readers did.
    parsed_by = models.JSONField(null=True)

    # The queue, written by `ingestion.queue.claims`. A queued document may be claimed from `due`
    # on, one in work once `due` has passed without being renewed. `claim` names the one worker that
    # may write results.
    due = models.DateTimeField(db_default=Now())
    claim = models.UUIDField(null=True)
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(
        default=0
    )  # How often something it needs was not there.
    takeovers = models.PositiveSmallIntegerField(default=0)  # How many workers died over it.
    sealed_password = models.BinaryField(
        null=True
    )  # Encrypted, from "try again" until a worker takes it out.

    waited: timedelta | None = None  # In the queue, on a document that has just been claimed.

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
        """What the document is called above its chunks: its own title, or its name without the ending."""
        return self.title or self.name.rsplit(".", 1)[0] or self.name

    @property
    def is_unfinished(self) -> bool:
        """Whether something will still happen to the document by itself."""
        return self.status in {self.Status.QUEUED, self.Status.PROCESSING}

    @property
    def can_be_retried(self) -> bool:
        """Whether another try may help without anything else being given."""
        failed = self.status == self.Status.FAILED and self.error_code != PASSWORD_NEEDED
        return failed or self.status == self.Status.CANCELLED

    @property
    def serving(self) -> int | None:
        """The version that is searched and cited now: that of its chunks; None before any was ready."""
        ready = self.status == self.Status.READY or self.chunk_count
        return self.stand_in or (self.version if ready else None)

    @property
    def error(self) -> dict[str, str] | None:
        """The error: a code for programs and one sentence in the reader's language."""
        return messages.error(self.error_code, self.error_details)


class ChunkQuerySet(models.QuerySet["Chunk"]):
    """Chunks as a person may reach them. Search begins here."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Chunks in the workspaces `user` may see."""
        return self.filter(workspace__in=Workspace.objects.visible_to(user))


class Chunk(models.Model):
    """A piece of a document that is found and cited as one.

    `terms` are the hashed terms for the inverted index, `weights` the same with their BM25 weight;
    `text` is quoted. The workspace stands here too, so that a search needs no join to know what it
    may see.
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
    start = models.PositiveIntegerField(
        default=0
    )  # Where `text` begins and ends in the parsed text, in characters.
    end = models.PositiveIntegerField(default=0)
    # Where on its pages: page, left, top, right, bottom of each. And where in the text each page
    # and box begins: offset, page, number of the box. See splitting.
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
        # What comes is sorted in by the 256 kB: an eighth of the work of each by itself; searches
        # hardly notice.
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
    current_since = models.DateTimeField(
        db_default=Now()
    )  # A model may change the size of its vectors, and back.

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "dimensions"], name="embedding_space_once")
        ]

    def __str__(self) -> str:
        return f"{self.model} ({self.dimensions})"


class EmbeddingQuerySet(models.QuerySet["Embedding"]):
    """Vectors as a person may reach them."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Vectors of the chunks that `user` may see."""
        return self.filter(workspace__in=Workspace.objects.visible_to(user))


class Embedding(models.Model):
    """The vector of a chunk in a space. A chunk may have one in several spaces while a new one is being built."""

    chunk = models.ForeignKey(
        Chunk, on_delete=models.CASCADE, related_name="embeddings", db_index=False
    )
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    space = models.ForeignKey(
        EmbeddingSpace, on_delete=models.CASCADE, related_name="embeddings", db_index=False
    )
    # Without fixed dimensions, since spaces differ; a large space gets an index on the cast to its
    # own number.
    vector = HalfVectorField()
    text_hash = models.BinaryField(
        null=True
    )  # Of what was embedded, where doing that again costs more than a look.

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
    """Vectors that are not published yet, as a person may reach them."""

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
    """Which spaces serve, as a person may reach them."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of the workspaces `user` may see."""
        return self.filter(workspace__in=Workspace.objects.visible_to(user))


class Serving(models.Model):
    """The space that the searches of a workspace use, also while another one is being built."""

    workspace = models.OneToOneField(
        Workspace, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    space = models.ForeignKey(EmbeddingSpace, on_delete=models.CASCADE, related_name="+")

    objects = ServingQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.space_id} in {self.workspace_id}"
