"""The API view of a document's processing history."""

from datetime import UTC
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ingestion.api.documents import OneDocument
from ingestion.api.serializers import ErrorSerializer
from ingestion.models import Run


class StepSerializer(serializers.Serializer[dict[str, Any]]):
    """One stage of a run, with the counts that apply to the stage."""

    stage = serializers.ChoiceField(choices=["wait", "parse", "split", "embed", "index"])
    ms = serializers.IntegerField(help_text="Milliseconds.")
    pages = serializers.IntegerField(required=False, allow_null=True)
    elements = serializers.IntegerField(required=False)
    chunks = serializers.IntegerField(required=False)
    documents = serializers.IntegerField(
        required=False, help_text="What is taken in out of an archive."
    )
    known = serializers.JSONField(
        required=False,
        help_text="Parsing: whether the text was there already. Embedding: how many vectors were.",
    )
    model = serializers.CharField(required=False)
    without_vector = serializers.IntegerField(required=False)


class RunSerializer(serializers.ModelSerializer[Run]):
    """One run of indexing a document."""

    began = serializers.DateTimeField(default_timezone=UTC)
    ended = serializers.DateTimeField(default_timezone=UTC)
    error = ErrorSerializer(read_only=True, allow_null=True)
    steps = StepSerializer(many=True)

    class Meta:
        model = Run
        fields = ["id", "attempt", "began", "ended", "outcome", "error", "steps"]


class DocumentTimelineView(OneDocument):
    """The latest runs of a document."""

    serializer_class = RunSerializer

    @extend_schema(operation_id="documents_timeline_list", responses=RunSerializer(many=True))
    def get(self, request: Request, slug: str, id: UUID) -> Response:  # noqa: A002 - the contract's name
        """List the latest indexing runs, newest first, with the duration of each stage."""
        page = self.paginate_queryset(
            Run.objects.visible_to(request.user).filter(document=self.document())
        )
        return self.get_paginated_response(self.get_serializer(page, many=True).data)
