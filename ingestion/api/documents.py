"""API views of documents: lists, uploads, details, chunks and actions."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.api.authentication import caller
from ingestion.api import elements
from ingestion.api.serializers import (
    ChunkSerializer,
    DocumentSerializer,
    ElementSerializer,
    OutcomesSerializer,
    PageSerializer,
    RetrySerializer,
    UploadSerializer,
)
from ingestion.api.upload_response import answer_of
from ingestion.documents import filters, services
from ingestion.documents.filters import DocumentFilter
from ingestion.models import Chunk, Document
from ingestion.pipeline import parse_servers
from ingestion.sources.web.pages import add_page
from ingestion.transfer import downloads
from ingestion.transfer.uploads import DocumentsParser, offers_in, on_conflict_in
from web.api.pagination import NewestFirst
from web.api.strict_json import StrictJSONParser
from workspaces.access import workspace_for
from workspaces.models import Role

RELATED_FIELDS = ["blob", "added_by", "web_page"]
FILTERS = [
    OpenApiParameter(
        "status",
        description="One or more of queued, processing, ready, failed, cancelled, with commas.",
    ),
    OpenApiParameter("q", description="Part of the name or title."),
    OpenApiParameter(
        "archive", description="The id of an archive: the documents that came out of it."
    ),
    OpenApiParameter("kind", description="A media type."),
    OpenApiParameter(
        "reason",
        description="Why they failed: the code of the error, with a narrower reason after a dot.",
    ),
    OpenApiParameter("pinned", bool, description="True: only pinned ones."),
    OpenApiParameter(
        "sort",
        enum=list(filters.CURSORS),
        description="In which order; -added where nothing is said.",
    ),
]


class SortedPages(NewestFirst):
    """Cursor pagination of documents in the order of the `sort` parameter."""

    offset_cutoff = 0  # No limit: any number of documents may be of one size.

    def get_ordering(
        self, request: Request, queryset: "QuerySet[Document]", view: Any
    ) -> tuple[str, ...]:
        """Return the fields of the requested order; raises `ValidationError` for an unknown one."""
        wanted = request.query_params.get("sort") or filters.NEWEST
        if wanted not in filters.CURSORS:
            sentence = _("Unknown order “%(unknown)s”; use one of %(orders)s.")
            raise ValidationError(
                {"sort": [sentence % {"unknown": wanted, "orders": ", ".join(filters.CURSORS)}]}
            )
        return filters.CURSORS[wanted]


class PagesByPosition(NewestFirst):
    """Cursor pagination of chunks by their position in the document."""

    ordering = "position"


class DocumentListView(generics.ListAPIView[Document]):
    """The documents of a workspace."""

    serializer_class = DocumentSerializer
    pagination_class = SortedPages
    parser_classes = [DocumentsParser, StrictJSONParser]

    def get_queryset(self) -> "QuerySet[Document]":
        """Return the documents that match the query parameters."""
        workspace = workspace_for(self.request.user, self.kwargs["slug"])
        documents = Document.objects.filter(workspace=workspace).select_related(*RELATED_FIELDS)
        said = self.request.query_params
        # `DocumentFilter` ignores unknown values, as pages need; programs get an error instead.
        _refuse_unknown_statuses(said.get("status", ""))
        found = DocumentFilter.read(said).among(documents)
        if archive := said.get("archive", ""):
            try:
                found = found.filter(archive=UUID(archive))
            except ValueError:
                raise ValidationError({"archive": [_("This is not a document ID.")]}) from None
        return found.annotate(**filters.SORTED_BY)

    @extend_schema(parameters=FILTERS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List documents, newest first."""
        return self.list(request, *args, **kwargs)

    @extend_schema(
        request={"multipart/form-data": UploadSerializer, "application/json": PageSerializer},
        responses={202: OutcomesSerializer},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Add one or more documents; for editors. The response has one row per file, in order.

        A file with the name of an existing document becomes its new version, unless `on_conflict`
        has another value; the previous version serves until the new one is ready. A web page is
        added by its URL; an existing page is fetched again.
        """
        workspace = workspace_for(request.user, slug, Role.EDITOR)
        if (request.content_type or "").startswith("application/json"):
            wanted = PageSerializer(data=request.data)
            wanted.is_valid(raise_exception=True)
            return answer_of(
                [add_page(workspace=workspace, by=caller(request), **wanted.validated_data)]
            )
        offers, on_conflict = offers_in(request.FILES, request.POST), on_conflict_in(request.POST)
        return answer_of(
            services.add_documents(
                workspace=workspace, offers=offers, by=caller(request), on_conflict=on_conflict
            )
        )


def _refuse_unknown_statuses(wanted: str) -> None:
    statuses = {one.strip() for one in wanted.split(",") if one.strip()}
    if unknown := statuses - set(Document.Status.values):
        sentence = _("Unknown status “%(unknown)s”; use one of %(statuses)s.")
        values = {
            "unknown": ", ".join(sorted(unknown)),
            "statuses": ", ".join(Document.Status.values),
        }
        raise ValidationError({"status": [sentence % values]})


class OneDocument(generics.GenericAPIView[Any]):
    """Base of the views of one document."""

    serializer_class: type[BaseSerializer[Any]] = DocumentSerializer

    def document(self, role: Role = Role.VIEWER) -> Document:
        """Return the document of the URL; 404 if the caller may not see it, 403 without `role`."""
        workspace = workspace_for(self.request.user, self.kwargs["slug"])
        documents = Document.objects.visible_to(self.request.user).filter(workspace=workspace)
        document: Document = generics.get_object_or_404(
            documents.select_related(*RELATED_FIELDS), pk=self.kwargs["id"]
        )
        workspace_for(self.request.user, self.kwargs["slug"], role)
        return document

    def answer(self, document: Document, status_code: int = status.HTTP_200_OK) -> Response:
        """Return a response with the document."""
        return Response(self.get_serializer(document).data, status=status_code)


class DocumentDetailView(OneDocument):
    """One document."""

    def get(self, request: Request, slug: str, id: UUID) -> Response:  # noqa: A002 - the contract's name
        """Return the document."""
        return self.answer(self.document())

    def patch(self, request: Request, slug: str, id: UUID) -> Response:  # noqa: A002
        """Rename or pin the document, or parse it again by another parse server; for editors."""
        document = self.document(Role.EDITOR)
        wanted = self.get_serializer(document, data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        if "name" in wanted.validated_data:
            document = services.rename_document(document, name=wanted.validated_data["name"])
        if "pinned" in wanted.validated_data:
            document = services.pin_document(document, pinned=wanted.validated_data["pinned"])
        if "parse_server" in wanted.validated_data:
            server = wanted.validated_data["parse_server"]
            document = parse_servers.read_with(document, server=server, by=caller(request))
        return self.answer(document)

    def delete(self, request: Request, slug: str, id: UUID) -> Response:  # noqa: A002
        """Delete the document; for editors."""
        services.delete_document(self.document(Role.EDITOR), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class DocumentFileView(OneDocument):
    """The original of a document."""

    @extend_schema(responses={(200, "*/*"): OpenApiTypes.BINARY})
    def get(self, request: Request, slug: str, id: UUID) -> HttpResponseBase:  # noqa: A002
        """Return the original, byte for byte; range requests are supported."""
        return downloads.original(request._request, self.document())


class DocumentChunksView(OneDocument):
    """The chunks of a document."""

    serializer_class = ChunkSerializer
    pagination_class = PagesByPosition

    @extend_schema(responses=ChunkSerializer(many=True))
    def get(self, request: Request, slug: str, id: UUID) -> Response:  # noqa: A002
        """List the chunks in the order of the document."""
        chunks = Chunk.objects.visible_to(request.user).filter(document=self.document())
        page = self.paginate_queryset(chunks.defer("terms", "weights"))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class DocumentElementsView(OneDocument):
    """The elements of a document."""

    serializer_class = ElementSerializer
    pagination_class = None

    @extend_schema(responses=ElementSerializer(many=True))
    def get(self, request: Request, slug: str, id: UUID) -> Response:  # noqa: A002
        """Return the elements of the serving version, in order, in the format of Unstructured."""
        return Response(elements.elements_of(self.document()))


class DocumentRetryView(OneDocument):
    """Retries of a document."""

    @extend_schema(request=RetrySerializer, responses={202: DocumentSerializer})
    def post(self, request: Request, slug: str, id: UUID) -> Response:  # noqa: A002
        """Queue a failed or cancelled document again, with a password if required; for editors."""
        document = self.document(Role.EDITOR)
        wanted = RetrySerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        retried = services.retry_document(document, password=wanted.validated_data["password"])
        return self.answer(retried, status.HTTP_202_ACCEPTED)


class DocumentCancelView(OneDocument):
    """Cancellation of a document."""

    @extend_schema(request=None, responses=DocumentSerializer)
    def post(self, request: Request, slug: str, id: UUID) -> Response:  # noqa: A002
        """Cancel a document that is queued or being processed; for editors."""
        return self.answer(services.cancel_document(self.document(Role.EDITOR)))
