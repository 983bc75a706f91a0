"""API views of uploads in parts and of watched folders."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import caller
from ingestion.api.serializers import OutcomesSerializer
from ingestion.api.source_serializers import PartialUploadSerializer, WatchedFolderSerializer
from ingestion.api.upload_response import answer_of
from ingestion.models.sources import PartialUpload, WatchedFolder
from ingestion.sources import partial_uploads
from ingestion.sources.folders import services as folders
from web.exceptions import Refusal
from workspaces.access import workspace_for
from workspaces.models import Role

BLOCK_BYTES = 256 * 1024
OFFSET_HEADER = "Upload-Offset"
OFFSET_PARAMETER = OpenApiParameter(
    OFFSET_HEADER,
    OpenApiTypes.INT64,
    OpenApiParameter.HEADER,
    required=True,
    description="Where this part begins.",
)


class PartParser(BaseParser):
    """Parser that passes on the bytes of a part as they arrive."""

    media_type = "application/offset+octet-stream"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the bytes, block by block."""
        return _blocks(stream)


def _blocks(stream: Any) -> Iterator[bytes]:
    yield from iter(partial(stream.read, BLOCK_BYTES), b"")


class UploadListView(generics.ListCreateAPIView[PartialUpload]):
    """The caller's uploads in parts in a workspace."""

    serializer_class = PartialUploadSerializer

    def get_queryset(self) -> "QuerySet[PartialUpload]":
        """Return the caller's unfinished uploads."""
        workspace = workspace_for(self.request.user, self.kwargs["slug"], Role.EDITOR)
        mine = PartialUpload.objects.visible_to(self.request.user).unfinished()
        return mine.filter(workspace=workspace)

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Begin an upload in parts, or return the unfinished one of the same file; for editors.

        Send parts of at most 4 MB with PATCH, each with the header `Upload-Offset`. An upload is
        deleted a day after its last part.
        """
        workspace = workspace_for(request.user, kwargs["slug"], Role.EDITOR)
        wanted = self.get_serializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        upload = partial_uploads.begin(
            workspace=workspace, by=caller(request), **wanted.validated_data
        )
        return _with_offset(
            Response(self.get_serializer(upload).data, status=status.HTTP_201_CREATED), upload
        )


class UploadDetailView(generics.GenericAPIView[PartialUpload]):
    """One upload in parts."""

    serializer_class = PartialUploadSerializer
    parser_classes = [PartParser]

    def upload(self) -> PartialUpload:
        """Return the upload of the URL if the caller may edit its workspace."""
        workspace = workspace_for(self.request.user, self.kwargs["slug"])
        mine = PartialUpload.objects.visible_to(self.request.user).filter(workspace=workspace)
        found: PartialUpload = generics.get_object_or_404(
            mine.select_related("document"), pk=self.kwargs["id"]
        )
        workspace_for(self.request.user, self.kwargs["slug"], Role.EDITOR)
        return found

    def get(self, request: Request, slug: str, id: UUID) -> Response:  # noqa: A002 - the contract's name
        """Return the number of received bytes, also as the header `Upload-Offset`."""
        upload = self.upload()
        return _with_offset(Response(self.get_serializer(upload).data), upload)

    @extend_schema(
        parameters=[OFFSET_PARAMETER],
        request={PartParser.media_type: OpenApiTypes.BINARY},
        responses={200: PartialUploadSerializer, 202: OutcomesSerializer},
    )
    def patch(self, request: Request, slug: str, id: UUID) -> Response:  # noqa: A002
        """Store the next part, at most 4 MB. The last part gets the response of a plain upload."""
        upload = self.upload()
        part: Any = request.data
        outcome = partial_uploads.append(upload, offset=_offset_of(request), part=part)
        if outcome is not None:
            return answer_of([outcome])
        return self.get(request, slug, id)

    def delete(self, request: Request, slug: str, id: UUID) -> Response:  # noqa: A002
        """Delete the upload and its bytes."""
        partial_uploads.cancel(self.upload())
        return Response(status=status.HTTP_204_NO_CONTENT)


def _offset_of(request: Request) -> int:
    value = request.headers.get(OFFSET_HEADER, "")
    if not (value.isascii() and value.isdigit() and len(value) < 16):
        raise Refusal(
            _("Give the start of this part in the Upload-Offset header."), code="offset_missing"
        )
    return int(value)


def _with_offset(response: Response, upload: PartialUpload) -> Response:
    response.headers[OFFSET_HEADER] = str(upload.offset)
    response.headers["Cache-Control"] = "no-store"
    return response


class FolderListView(generics.ListCreateAPIView[WatchedFolder]):
    """The watched folders of a workspace."""

    serializer_class = WatchedFolderSerializer

    def get_queryset(self) -> "QuerySet[WatchedFolder]":
        """Return the watched folders of the workspace; for owners."""
        return folders.folders_of(workspace_for(self.request.user, self.kwargs["slug"], Role.OWNER))

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Watch a folder below an allowed one; for owners."""
        workspace = workspace_for(request.user, kwargs["slug"], Role.OWNER)
        wanted = self.get_serializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        made = folders.connect_folder(
            workspace=workspace, path=wanted.validated_data["path"], by=caller(request)
        )
        row = self.get_serializer(folders.folders_of(workspace).get(pk=made.pk)).data
        return Response(row, status=status.HTTP_201_CREATED)


class FolderDetailView(generics.GenericAPIView[WatchedFolder]):
    """One watched folder."""

    serializer_class = WatchedFolderSerializer

    def folder(self) -> WatchedFolder:
        """Return the folder of the URL; for owners."""
        found = folders.folders_of(
            workspace_for(self.request.user, self.kwargs["slug"], Role.OWNER)
        )
        folder: WatchedFolder = generics.get_object_or_404(found, pk=self.kwargs["id"])
        return folder

    def get(self, request: Request, slug: str, id: UUID) -> Response:  # noqa: A002 - the contract's name
        """Return the folder, its number of files, and the files that could not be added."""
        return Response(self.get_serializer(self.folder()).data)

    @extend_schema(
        parameters=[
            OpenApiParameter("documents", description="`delete`: those that came from it go, too.")
        ]
    )
    def delete(self, request: Request, slug: str, id: UUID) -> Response:  # noqa: A002
        """Stop watching the folder; its documents stay without `?documents=delete`."""
        delete_documents = request.query_params.get("documents") == "delete"
        folders.disconnect_folder(
            self.folder(), by=caller(request), delete_documents=delete_documents
        )
        return Response(status=status.HTTP_204_NO_CONTENT)
