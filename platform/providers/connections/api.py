"""API of connections and their models, for administrators."""

import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.asynchronous import asynchronous_api, json_body
from accounts.api.authentication import caller
from accounts.api.permissions import IsAdministrator
from accounts.models import User
from audit.services import record
from providers.connections import services
from providers.connections.discovery import save_models
from providers.connections.factory import server_of
from providers.connections.pull import pulled, refuse_other_kinds
from providers.connections.serializers import (
    CheckedModelSerializer,
    ConnectionSerializer,
    OfferedModelSerializer,
    PullSerializer,
)
from providers.exceptions import ProviderError
from providers.models import Connection, Model
from web.api.pagination import OldestFirst
from web.database import give_back_connection, in_database
from web.exceptions import Refusal

# Changes of these fields start another check.
CHECKED_FIELDS = {"kind", "base_url", "api_key"}


class _ConnectionView(generics.GenericAPIView[Connection]):
    permission_classes = [IsAdministrator]
    serializer_class = ConnectionSerializer
    pagination_class = OldestFirst
    lookup_field = "id"

    def get_queryset(self) -> Any:
        """Return the connections that the caller may see."""
        return Connection.objects.visible_to(caller(self.request))


class ConnectionListView(_ConnectionView, generics.ListAPIView[Connection]):
    """The model servers."""

    def post(self, request: Request) -> Response:
        """Create a connection and check it; it is saved even if the check fails."""
        wanted = self.get_serializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        values = {**wanted.validated_data, "api_key": wanted.validated_data.get("api_key") or ""}
        connection = services.create_connection(**values, by=caller(request))
        services.check_connection(connection, by=caller(request))
        return Response(self.get_serializer(connection).data, status=status.HTTP_201_CREATED)


class ConnectionDetailView(_ConnectionView):
    """One model server."""

    def get(self, request: Request, **ids: Any) -> Response:
        """Return the connection with the results of its last check."""
        return Response(self.get_serializer(self.get_object()).data)

    def patch(self, request: Request, **ids: Any) -> Response:
        """Change the connection; a new host requires the key again.

        A change of kind, address or key starts another check.
        """
        connection = self.get_object()
        wanted = self.get_serializer(connection, data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        changed = services.change_connection(
            self.get_object(), by=caller(request), **wanted.validated_data
        )
        if CHECKED_FIELDS & wanted.validated_data.keys():
            services.check_connection(changed, by=caller(request))
        return Response(self.get_serializer(changed).data)

    def delete(self, request: Request, **ids: Any) -> Response:
        """Delete the connection. Workspaces that use its models return to the server's default."""
        services.delete_connection(self.get_object(), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ConnectionCheckView(_ConnectionView):
    """Checks of one connection."""

    @extend_schema(request=CheckedModelSerializer, responses=ConnectionSerializer)
    def post(self, request: Request, **ids: Any) -> Response:
        """Check the connection, `model` first. Takes as long as the first token of its answer."""
        wanted = CheckedModelSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        connection = services.check_connection(
            self.get_object(), model=wanted.validated_data["model"], by=caller(request)
        )
        return Response(self.get_serializer(connection).data)


class ConnectionModelListView(_ConnectionView):
    """The models of a connection."""

    @extend_schema(
        operation_id="connections_models_list",
        parameters=[OpenApiParameter("id", UUID, "path")],
        responses=OfferedModelSerializer(many=True),
    )
    def get(self, request: Request, **ids: Any) -> Response:
        """Refresh and return the models of the server; if it does not answer, those last seen."""
        connection = self.get_object()
        with suppress(ProviderError):  # The check of the connection reports errors.
            save_models(connection, server_of(connection, for_check=True).found_models())
        rows: Any = connection.offered.select_related("connection").prefetch_related("groups")
        page: Any = self.paginate_queryset(rows)
        return self.get_paginated_response(OfferedModelSerializer(page, many=True).data)


class ModelDetailView(generics.GenericAPIView[Model]):
    """One model of a connection, by its name: `{connection}/{name}`."""

    permission_classes = [IsAdministrator]
    serializer_class = OfferedModelSerializer

    def get_object(self) -> Model:
        """Return the model; raises `Http404`."""
        slug, _slash, name = self.kwargs["id"].partition("/")
        if not self.kwargs["id"].isprintable():  # PostgreSQL cannot compare NUL.
            raise Http404
        rows = Model.objects.visible_to(caller(self.request)).select_related("connection")
        return generics.get_object_or_404(rows, connection__slug=slug, name=name)

    def get(self, request: Request, **ids: Any) -> Response:
        """Return the model."""
        return Response(self.get_serializer(self.get_object()).data)

    def patch(self, request: Request, **ids: Any) -> Response:
        """Change label, kind, groups, and whether the model is enabled or the default."""
        model = self.get_object()
        wanted = self.get_serializer(model, data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        values = dict(wanted.validated_data)
        if "default" in values:
            values["is_default"] = values.pop("default")
        changed = services.change_model(self.get_object(), by=caller(request), **values)
        return Response(self.get_serializer(changed).data)


@asynchronous_api("POST")
async def connection_pull(request: HttpRequest, user: User, *, id: UUID) -> HttpResponseBase:  # noqa: A002
    """Pull a model on an Ollama server; the answer streams a line of JSON for each step."""
    connection = await in_database(Connection.objects.visible_to(user).filter(pk=id).first)()
    if connection is None:
        raise Http404
    wanted = PullSerializer(data=json_body(request))
    if not wanted.is_valid():
        raise Refusal(
            "; ".join(map(str, wanted.errors.get("model", []))),
            code="invalid",
            errors=dict(wanted.errors),
        )
    refuse_other_kinds(connection)
    await in_database(record)("connection.pulled", by=user, about=connection)
    await give_back_connection()
    response = StreamingHttpResponse(
        _lines(
            pulled(connection, wanted.validated_data["model"]), translation.get_language() or "en"
        ),
        content_type="application/x-ndjson",
    )
    response.headers["Cache-Control"] = "no-cache, no-transform"
    response.headers["X-Accel-Buffering"] = "no"
    return response


async def _lines(steps: AsyncIterator[dict[str, Any]], language: str) -> AsyncIterator[str]:
    # The middleware that activated the language has ended before the stream does.
    with translation.override(language):
        async for step in steps:
            yield json.dumps(step, ensure_ascii=False) + "\n"
