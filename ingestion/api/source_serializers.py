"""Serializers of uploads in parts and watched folders."""

from datetime import UTC
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ingestion.api.serializers import ErrorSerializer, OutcomeSerializer
from ingestion.api.upload_response import row_of
from ingestion.documents.versions import OnConflict
from ingestion.models.sources import PartialUpload, WatchedFile, WatchedFolder
from ingestion.sources.folders import services as folders
from ingestion.sources.partial_uploads import outcome_of


class PartialUploadSerializer(serializers.ModelSerializer[PartialUpload]):
    """An upload in parts: the received bytes, and the outcome once complete."""

    size = serializers.IntegerField(min_value=1)
    on_conflict = serializers.ChoiceField(
        choices=[choice.value for choice in OnConflict], required=False, write_only=True, default=""
    )
    fingerprint = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=200,
        help_text="What the sender knows the file by: the same name, size and fingerprint go on where they were.",
    )
    created = serializers.DateTimeField(read_only=True, default_timezone=UTC)
    expires = serializers.DateTimeField(read_only=True, default_timezone=UTC)
    name = serializers.CharField(
        max_length=4096, trim_whitespace=False, help_text="With its folders, if it has any."
    )
    result = serializers.SerializerMethodField()

    class Meta:
        model = PartialUpload
        fields = [
            "id",
            "name",
            "size",
            "offset",
            "fingerprint",
            "on_conflict",
            "created",
            "expires",
            "result",
        ]
        read_only_fields = ["offset"]

    @extend_schema_field(OutcomeSerializer(allow_null=True))
    def get_result(self, upload: PartialUpload) -> dict[str, Any] | None:
        """Return the row of the document or its error; null while the upload is incomplete."""
        outcome = outcome_of(upload)
        return row_of(outcome) if outcome else None


class WatchedFileSerializer(serializers.ModelSerializer[WatchedFile]):
    """A file of a watched folder that could not be added, with the reason."""

    error = ErrorSerializer(read_only=True)

    class Meta:
        model = WatchedFile
        fields = ["path", "size", "error"]


class WatchedFolderSerializer(serializers.ModelSerializer[WatchedFolder]):
    """A watched folder of a workspace; `files` is the number of its files."""

    path = serializers.CharField(max_length=4096)
    files = serializers.IntegerField(source="file_count", read_only=True)
    missing = serializers.IntegerField(
        source="missing_count",
        read_only=True,
        help_text="Files that are gone, and whose documents will go.",
    )
    error = ErrorSerializer(read_only=True, allow_null=True)
    troubles = serializers.SerializerMethodField(
        help_text="Files that could not be added, the first fifty."
    )
    scanned = serializers.DateTimeField(read_only=True, allow_null=True, default_timezone=UTC)
    created = serializers.DateTimeField(read_only=True, default_timezone=UTC)

    class Meta:
        model = WatchedFolder
        fields = [
            "id",
            "path",
            "label",
            "files",
            "missing",
            "error",
            "troubles",
            "scanned",
            "created",
        ]
        read_only_fields = ["label"]

    @extend_schema_field(WatchedFileSerializer(many=True))
    def get_troubles(self, folder: WatchedFolder) -> list[dict[str, Any]]:
        """Return the files that could not be added."""
        return list(WatchedFileSerializer(folders.troubles_in(folder), many=True).data)
