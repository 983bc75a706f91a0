"""Documents and chunks as JSON, field by field as the contract names them."""

from datetime import UTC
from typing import Any

from rest_framework import serializers

from accounts.models import User
from ingestion.models import Chunk, Document


class ErrorSerializer(serializers.Serializer[dict[str, str]]):
    """What went wrong: a code that never changes, a sentence in the caller's language."""

    code = serializers.CharField()
    message = serializers.CharField()


class PersonSerializer(serializers.ModelSerializer[User]):
    """Who added a document."""

    class Meta:
        model = User
        fields = ["id", "name"]


class DocumentSerializer(serializers.ModelSerializer[Document]):
    """A document; only its name and whether it is pinned can be changed."""

    size = serializers.IntegerField(source="blob.size", read_only=True)
    error = ErrorSerializer(read_only=True, allow_null=True)
    chunks = serializers.IntegerField(source="chunk_count", read_only=True)
    added_by = PersonSerializer(read_only=True, allow_null=True)
    created = serializers.DateTimeField(read_only=True, default_timezone=UTC)

    class Meta:
        model = Document
        fields = [
            "id",
            "name",
            "title",
            "size",
            "media_type",
            "status",
            "stage",
            "progress",
            "error",
            "pages",
            "chunks",
            "pinned",
            "version",
            "added_by",
            "created",
        ]
        read_only_fields = ["title", "media_type", "status", "stage", "progress", "pages", "version"]


class OutcomeSerializer(DocumentSerializer):
    """What became of one file: a document, perhaps one that was here already, or why there is none."""

    id = serializers.UUIDField(required=False)
    duplicate = serializers.BooleanField(required=False, help_text="True: it was here already; nothing was added.")

    class Meta(DocumentSerializer.Meta):
        fields = [*DocumentSerializer.Meta.fields, "duplicate"]


class OutcomesSerializer(serializers.Serializer[dict[str, Any]]):
    """What became of each file, in order."""

    results = OutcomeSerializer(many=True)


class UploadSerializer(serializers.Serializer[dict[str, Any]]):
    """One or more files, all in parts named `file`."""

    file = serializers.ListField(child=serializers.FileField())


class RetrySerializer(serializers.Serializer[dict[str, Any]]):
    """Another try; the password of a protected document goes in and is never stored."""

    password = serializers.CharField(
        required=False, allow_blank=True, default="", trim_whitespace=False, max_length=1000, write_only=True
    )


class ChunkSerializer(serializers.ModelSerializer[Chunk]):
    """A piece of a document as it is found and cited."""

    headings = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Chunk
        fields = ["id", "position", "text", "headings", "page_from", "page_to"]
