"""Conversations, messages and citations as JSON, with one form of a message for REST and events."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from chat.models import Citation, Conversation, Message
from ingestion.api.serializers import BoxesField
from web.api.serializers import ModelSerializer

MAX_QUESTION_CHARS = 32_000


class TextField(serializers.CharField):
    """A string; other JSON types are refused instead of converted."""

    def to_internal_value(self, data: Any) -> str:
        """Return the string; fails for other types."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class ConversationSerializer(ModelSerializer[Conversation]):
    """A conversation of the caller."""

    title = TextField(max_length=200, required=False, allow_blank=True)
    workspace: Any = serializers.SlugRelatedField(slug_field="slug", read_only=True)

    class Meta:
        model = Conversation
        fields = ["id", "title", "workspace", "created", "changed"]
        read_only_fields = ["created", "changed"]


class AnswerErrorSerializer(serializers.Serializer[Any]):
    """The error of an answer: a code for programs, a sentence for people."""

    code = serializers.CharField()
    message = serializers.CharField()


class SourceSerializer(serializers.Serializer[Any]):
    """The document of a citation; its id is null once it has been deleted."""

    id = serializers.UUIDField(allow_null=True)
    name = serializers.CharField()


class CitationSerializer(ModelSerializer[Citation]):
    """The source of a claim, as of the time of the answer."""

    document = serializers.SerializerMethodField()
    newer = serializers.BooleanField(
        read_only=True,
        help_text="Whether a newer version of the document, with other bytes, serves by now.",
    )

    boxes = BoxesField(read_only=True)

    class Meta:
        model = Citation
        fields = [
            "n",
            "document",
            "version",
            "newer",
            "chunk",
            "headings",
            "page_from",
            "page_to",
            "boxes",
            "quote",
            "text",
            "support",
        ]

    @extend_schema_field(SourceSerializer)
    def get_document(self, citation: Citation) -> dict[str, str | None]:
        """Return the document's id and name."""
        return {
            "id": str(citation.document_id) if citation.document_id else None,
            "name": citation.document_name,
        }


class MessageSerializer(ModelSerializer[Message]):
    """A question or an answer."""

    parent = serializers.UUIDField(source="parent_id", allow_null=True)  # type: ignore[assignment] # a base has the name
    error = serializers.SerializerMethodField()
    citations = CitationSerializer(many=True)

    class Meta:
        model = Message
        fields = [
            "id",
            "parent",
            "role",
            "text",
            "reasoning",
            "status",
            "error",
            "citations",
            "usage",
            "model",
            "ms",
            "created",
            "trace",
        ]

    @extend_schema_field(AnswerErrorSerializer(allow_null=True))
    def get_error(self, message: Message) -> dict[str, str] | None:
        """Return code and message of a failed answer, or None."""
        if not message.error_code:
            return None
        return {"code": message.error_code, "message": message.error_message}


class QuestionSerializer(serializers.Serializer[dict[str, Any]]):
    """A question. `parent` is the previous message; the default is the newest final answer."""

    text = TextField(max_length=MAX_QUESTION_CHARS)
    model = TextField(max_length=200, required=False, allow_null=True, allow_blank=True)
    parent = serializers.UUIDField(required=False, allow_null=True)  # type: ignore[assignment]

    def validate_text(self, value: str) -> str:
        """Refuse a text without visible characters."""
        if not any(character.isprintable() and not character.isspace() for character in value):
            raise serializers.ValidationError(_("Enter a question."))
        return value


class StopSerializer(serializers.Serializer[dict[str, Any]]):
    """The answer to stop; the default is all running answers of the conversation."""

    message = serializers.UUIDField(required=False, allow_null=True)


# Shared instances, since the construction of a serializer's fields takes most of the time.
_citations, _messages = CitationSerializer(), MessageSerializer()


def citation_json(citation: Citation) -> dict[str, Any]:
    """Return a citation in the form of REST and events."""
    return dict(_citations.to_representation(citation))


def message_json(message: Message) -> dict[str, Any]:
    """Return a message in the form of REST and events."""
    return dict(_messages.to_representation(message))
