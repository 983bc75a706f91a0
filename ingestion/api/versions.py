"""API views of a document's versions, and of name conflicts before an upload."""

from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import caller
from ingestion.api.documents import OneDocument, PagesByPosition
from ingestion.api.serializers import (
    ConflictsSerializer,
    DocumentSerializer,
    NamesTakenSerializer,
    PastChunkSerializer,
    VersionSerializer,
)
from ingestion.documents import versions
from ingestion.file_names import clean_path
from ingestion.transfer import downloads
from web.api.pagination import NewestFirst
from workspaces.access import workspace_for
from workspaces.models import Role


class NewestVersionFirst(NewestFirst):
    """Cursor pagination of versions, newest first."""

    ordering = "-number"


class NameConflictsView(APIView):
    """Name conflicts of an upload."""

    @extend_schema(request=ConflictsSerializer, responses=NamesTakenSerializer)
    def post(self, request: Request, slug: str) -> Response:
        """Return the names that existing documents have, before an upload; for editors."""
        workspace = workspace_for(request.user, slug, Role.EDITOR)
        wanted = ConflictsSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        names: list[str] = wanted.validated_data["names"]
        taken = versions.names_taken(workspace, [clean_path(name) for name in names])
        found = [(name, taken[clean_path(name)]) for name in names if clean_path(name) in taken]
        rows = [
            {"name": name, "document": document, "sha256": document.blob_id}
            for name, document in found
        ]
        return Response(NamesTakenSerializer({"results": rows}).data)


class VersionListView(OneDocument):
    """The versions of a document."""

    serializer_class = VersionSerializer
    pagination_class = NewestVersionFirst

    @extend_schema(responses=VersionSerializer(many=True))
    def get(self, request: Request, slug: str, id: UUID) -> Response:  # noqa: A002 - the contract's name
        """List the versions, newest first."""
        document = self.document()
        if not document.versions.exists():
            only = self.get_serializer(versions.versions_of(document), many=True).data
            return Response({"next": None, "previous": None, "results": only})
        rows = document.versions.select_related("document", "blob", "added_by")
        return self.get_paginated_response(
            self.get_serializer(self.paginate_queryset(rows), many=True).data
        )


class VersionDetailView(OneDocument):
    """One version."""

    serializer_class = VersionSerializer

    def get(self, request: Request, slug: str, id: UUID, version: int) -> Response:  # noqa: A002
        """Return the version."""
        return Response(self.get_serializer(versions.version_of(self.document(), version)).data)

    def delete(self, request: Request, slug: str, id: UUID, version: int) -> Response:  # noqa: A002
        """Delete the version, unless it is serving; for editors."""
        versions.delete(self.document(Role.EDITOR), version, by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class VersionFileView(OneDocument):
    """The original of a version."""

    @extend_schema(responses={(200, "*/*"): OpenApiTypes.BINARY})
    def get(self, request: Request, slug: str, id: UUID, version: int) -> HttpResponseBase:  # noqa: A002
        """Return the original, byte for byte; range requests are supported."""
        return downloads.original(request._request, versions.version_of(self.document(), version))


class VersionChunksView(OneDocument):
    """The chunks of a version."""

    serializer_class = PastChunkSerializer
    pagination_class = PagesByPosition

    @extend_schema(responses=PastChunkSerializer(many=True))
    def get(self, request: Request, slug: str, id: UUID, version: int) -> Response:  # noqa: A002
        """List the chunks of the version, in order."""
        chunks = versions.chunks_of(self.document(), version)
        return self.get_paginated_response(
            self.get_serializer(self.paginate_queryset(chunks), many=True).data
        )


class VersionRestoreView(OneDocument):
    """Restoring of an old version."""

    serializer_class = DocumentSerializer

    @extend_schema(request=None, responses={202: DocumentSerializer})
    def post(self, request: Request, slug: str, id: UUID, version: int) -> Response:  # noqa: A002
        """Restore the version as a new version with the same bytes; for editors."""
        document = self.document(Role.EDITOR)
        versions.restore(document, version, by=caller(request))
        return self.answer(self.document(), status.HTTP_202_ACCEPTED)
