"""Conversation, Message and Citation.

Only its owner may see a conversation. A citation outlives its document.
"""

from typing import Final, Self
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from ingestion.models import Document, Version
from web.compiled_querysets import CompiledQueryset, columns, instance
from web.ids import new_id
from workspaces.models import Workspace


class ConversationQuerySet(models.QuerySet["Conversation"]):
    """Queries on conversations."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Conversations that `user` owns, in workspaces that `user` may still see."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(owner=user, workspace__in=Workspace.objects.visible_to(user))


class Conversation(models.Model):
    """Questions and answers of one person in one workspace."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="conversations")
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="conversations")
    title = models.CharField(_("title"), max_length=200, blank=True, default="")
    created = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        ordering = ["-changed", "-id"]
        indexes = [
            models.Index(fields=["owner", "workspace", "-changed"], name="conversation_newest")
        ]

    def __str__(self) -> str:
        return self.title or str(_("New conversation"))

    @classmethod
    def seen_by(cls, user: User | AnonymousUser, pk: UUID) -> "Conversation | None":
        """Return the conversation with its workspace, or None unless `user` may see it.

        The query is compiled once.
        """
        for row in _SEEN.rows(user.pk, pk) if user.is_authenticated else ():
            conversation = instance(cls, row[: len(columns(cls))])
            conversation.workspace = instance(Workspace, row[len(columns(cls)) :])
            return conversation
        return None


_SEEN: Final = CompiledQueryset(
    lambda user, pk: (
        Conversation.objects.visible_to(User(pk=user))
        .filter(pk=pk)
        .values_list(*columns(Conversation), *columns(Workspace, "workspace__"))
    ),
    UUID,
    UUID,
)


class MessageQuerySet(models.QuerySet["Message"]):
    """Queries on messages."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Messages of the conversations that `user` may see."""
        return self.filter(conversation__in=Conversation.objects.visible_to(user))

    def answers(self) -> Self:
        """Messages that are answers."""
        return self.filter(role=Message.Role.ASSISTANT)

    def with_citations(self) -> Self:
        """Prefetch the citations, marked where a newer version of the document serves."""
        return self.prefetch_related(models.Prefetch("citations", Citation.objects.marked()))

    def streaming(self) -> Self:
        """Answers that a process is writing, and orphans of a process that died."""
        return self.filter(status=Message.Status.STREAMING)


class Message(models.Model):
    """A question or an answer. `parent` is the previous message, so a conversation may branch."""

    class Role(models.TextChoices):
        """The author of a message."""

        USER = "user", _("Question")
        ASSISTANT = "assistant", _("Answer")

    class Status(models.TextChoices):
        """The state of a message; questions are always done."""

        STREAMING = "streaming", _("Writing")
        DONE = "done", _("Done")
        STOPPED = "stopped", _("Stopped")
        FAILED = "failed", _("Failed")
        INTERRUPTED = "interrupted", _("Interrupted")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="messages"
    )
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="children")
    role = models.CharField(max_length=9, choices=Role)
    text = models.TextField(blank=True, default="")
    reasoning = models.TextField(blank=True, default="")
    status = models.CharField(max_length=11, choices=Status, default=Status.DONE)
    error_code = models.CharField(max_length=40, blank=True, default="")
    error_message = models.TextField(blank=True, default="")
    model = models.CharField(max_length=200, blank=True, default="")
    usage = models.JSONField(null=True)
    # The search and the contents of the prompt.
    trace = models.JSONField(default=dict)
    ms = models.PositiveIntegerField(null=True)
    # The number of the last event whose text is saved in the row. An answer that has ended has the
    # number of `message.done`.
    seq = models.PositiveIntegerField(default=0)
    # The time of the last save by the process that writes the answer.
    heard_of = models.DateTimeField(auto_now_add=True)
    # Set by a process that was asked to stop an answer of another process.
    stop_asked = models.BooleanField(default=False)
    created = models.DateTimeField(auto_now_add=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["conversation", "id"], name="message_order"),
            models.Index(
                fields=["heard_of"],
                name="message_streaming",
                condition=models.Q(status="streaming"),
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def is_running(self) -> bool:
        """Whether the answer is being written, or was when its process died."""
        return self.status == self.Status.STREAMING


class CitationQuerySet(models.QuerySet["Citation"]):
    """Queries on citations."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Citations in the conversations that `user` may see."""
        return self.filter(message__in=Message.objects.visible_to(user))

    def marked(self) -> Self:
        """Annotate `newer`: whether a newer version of the cited document serves."""
        return self.annotate(
            newer=models.Exists(Version.objects.serving_instead_of("document", "version"))
        )


class Citation(models.Model):
    """The source of a claim: a copy of the passage, which remains when the chunk is deleted."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="citations")
    n = models.PositiveSmallIntegerField()
    document = models.ForeignKey(Document, null=True, on_delete=models.SET_NULL, related_name="+")
    document_name = models.CharField(max_length=255)
    version = models.PositiveIntegerField(default=1)
    chunk = models.UUIDField(null=True)
    headings = ArrayField(models.TextField(), default=list)
    page_from = models.PositiveIntegerField(null=True)
    page_to = models.PositiveIntegerField(null=True)
    # The position of the passage on its pages, in the format of a chunk's boxes.
    boxes = models.JSONField(default=list, db_default=[])
    quote = models.TextField()  # The words of the passage that support the claim.
    text = models.TextField()  # The whole passage, as the model received it.
    support = models.FloatField(null=True)  # The share of the claim's terms in the passage, 0 to 1.
    # Whether a newer version of the document serves; set by `marked()` only.
    newer = False

    objects = CitationQuerySet.as_manager()

    class Meta:
        ordering = ["message", "n"]
        constraints = [
            models.UniqueConstraint(fields=["message", "n"], name="citation_number_once")
        ]

    def __str__(self) -> str:
        return f"[{self.n}] {self.document_name}"
