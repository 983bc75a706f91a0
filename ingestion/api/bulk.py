"""The API view of bulk actions on documents."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import caller
from ingestion.documents import bulk
from ingestion.documents.bulk import Action
from ingestion.documents.filters import DocumentFilter
from ingestion.models import Document
from workspaces.access import workspace_for
from workspaces.models import Role

MAX_IDS_PER_REQUEST = 10_000


class FilterSerializer(serializers.Serializer[dict[str, Any]]):
    """A filter of documents; an empty filter selects the whole workspace."""

    q = serializers.CharField(required=False, help_text="Part of the name or title.")
    status = serializers.CharField(required=False, help_text="One or more statuses, with commas.")
    kind = serializers.CharField(required=False, help_text="A media type.")
    reason = serializers.CharField(
        required=False,
        help_text="Why they failed: the code of the error, with a narrower reason after a dot.",
    )
    pinned = serializers.BooleanField(required=False, help_text="True: only pinned ones.")


class BulkSerializer(serializers.Serializer[dict[str, Any]]):
    """An action and its documents, selected either by `ids` or by `filter`."""

    action = serializers.ChoiceField(choices=[(action.value, action.value) for action in Action])
    ids = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=MAX_IDS_PER_REQUEST
    )
    filter = FilterSerializer(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a request with both `ids` and `filter`, or with neither."""
        if ("ids" in attrs) == ("filter" in attrs):
            raise serializers.ValidationError(
                _("Select the documents either by “ids” or by “filter”, not both.")
            )
        return attrs


class BulkDoneSerializer(serializers.Serializer[dict[str, Any]]):
    """The result of a bulk action."""

    action = serializers.CharField()
    documents = serializers.IntegerField(
        help_text="How many documents it was done to; others had no need of it."
    )


class DocumentBulkView(generics.GenericAPIView[Any]):
    """Bulk actions on documents."""

    serializer_class = BulkSerializer

    @extend_schema(
        operation_id="documents_bulk", request=BulkSerializer, responses=BulkDoneSerializer
    )
    def post(self, request: Request, slug: str) -> Response:
        """Delete, pin, unpin, retry or cancel many documents; for editors.

        Missing documents, and documents that the action does not apply to, are skipped.
        """
        workspace = workspace_for(request.user, slug, Role.EDITOR)
        said = self.get_serializer(data=request.data)
        said.is_valid(raise_exception=True)
        documents = Document.objects.editable_by(request.user).filter(workspace=workspace)
        chosen = _chosen(documents, said.validated_data)
        action = Action(said.validated_data["action"])
        done = bulk.act(action, chosen, by=caller(request))
        return Response(BulkDoneSerializer({"action": action.value, "documents": done}).data)


def _chosen(documents: "QuerySet[Document]", said: dict[str, Any]) -> "QuerySet[Document]":
    ids: list[UUID] | None = said.get("ids")
    return (
        documents.filter(pk__in=ids)
        if ids is not None
        else DocumentFilter.read(said["filter"]).among(documents)
    )
