"""Search and models for programs."""

from typing import Any, Final

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import caller
from accounts.models import User
from chat.retrieval import MOST_HITS, SearchResult, Selection, search
from chat.serializers import SourceSerializer, TextField
from providers import registry
from providers.exceptions import ProviderError
from web.exceptions import Refusal
from workspaces.access import workspace_for
from workspaces.models import Workspace

MODES: Final = ["hybrid", "dense", "lexical"]


class SearchSerializer(serializers.Serializer[dict[str, Any]]):
    """What is searched for."""

    query = TextField(max_length=20_000, allow_blank=True)  # One that says nothing finds nothing.
    top_k = serializers.IntegerField(min_value=1, max_value=MOST_HITS, default=8)
    mode = serializers.ChoiceField(choices=MODES, default="hybrid")
    fold = serializers.BooleanField(default=False, help_text="Leave out what says nearly the same as a better hit.")
    per_document = serializers.IntegerField(
        min_value=1, default=None, allow_null=True, help_text="At most so many hits of one document."
    )
    floor = serializers.FloatField(
        min_value=0, max_value=1, default=0.0, help_text="Leave out what scores below this part of the best score."
    )


class RanksSerializer(serializers.Serializer[Any]):
    """Where a passage stood in each ranking, from 1; null where it was not in it."""

    dense = serializers.IntegerField(allow_null=True)
    lexical = serializers.IntegerField(allow_null=True)
    rerank = serializers.IntegerField(allow_null=True)


class HitSerializer(serializers.Serializer[Any]):
    """A passage that was found."""

    chunk = serializers.CharField()
    document = SourceSerializer()
    text = serializers.CharField()
    headings = serializers.ListField(child=serializers.CharField())
    page_from = serializers.IntegerField(allow_null=True)
    page_to = serializers.IntegerField(allow_null=True)
    score = serializers.FloatField()
    ranks = RanksSerializer()


class FoundSerializer(serializers.Serializer[Any]):
    """What was found, best first, and how."""

    hits = HitSerializer(many=True)
    trace = serializers.JSONField()


class ModelInfoSerializer(serializers.Serializer[Any]):
    """A model that the caller may use."""

    id = serializers.CharField()
    kind = serializers.ChoiceField(choices=["chat", "embedding", "rerank"])
    label = serializers.CharField()  # type: ignore[assignment] # a base has the name


class SearchView(APIView):
    """Searches a workspace."""

    @extend_schema(request=SearchSerializer, responses=FoundSerializer)
    def post(self, request: Request, slug: str) -> Response:
        """Return the passages that fit best, as the plain ranking has them."""
        user = caller(request)
        workspace = workspace_for(user, slug)
        wanted = SearchSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        values = wanted.validated_data
        selection = Selection(fold=values["fold"], per_document=values["per_document"], floor=values["floor"])
        return Response(_found(user, workspace, values, selection))


class ModelListView(APIView):
    """The models that the caller may use."""

    @extend_schema(responses=ModelInfoSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Return them."""
        return Response({"next": None, "previous": None, "results": _models(caller(request))})


def _found(user: User, workspace: Workspace, values: dict[str, Any], selection: Selection) -> dict[str, Any]:
    query, top_k, mode = values["query"], values["top_k"], values["mode"]
    try:
        return search_json(search(user, workspace, query, top_k=top_k, mode=mode, selection=selection))
    except ProviderError as error:
        raise Refusal(str(error), code=error.code, status=503) from error


def search_json(found: SearchResult) -> dict[str, Any]:
    """Return what was found as JSON."""
    return dict(FoundSerializer(found).data)


def _models(user: User) -> Any:
    return ModelInfoSerializer(registry.models_for(user), many=True).data
