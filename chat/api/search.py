"""Search and models for programs."""

from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import caller
from accounts.models import User
from chat.answering.query_rewriting import MAX_EARLIER_CHARS
from chat.api.serializers import SourceSerializer, TextField
from chat.request_slots import slots_for
from chat.retrieval import LEGS, MAX_HITS, Rerank, SearchResult, Selection, search
from providers import registry
from providers.exceptions import ModelNotFound, ProviderError
from web.exceptions import Refusal
from workspaces.access import workspace_for
from workspaces.models import Workspace

MODES: Final = ["hybrid", *sorted(LEGS)]


@extend_schema_field({"oneOf": [{"type": "boolean"}, {"type": "string"}], "nullable": True})
class RerankField(serializers.Field[Rerank, Any, Any, Any]):
    """Yes, no, or the id of a reranker."""

    default_error_messages = {"invalid": gettext_lazy("Use true, false or the ID of a reranker.")}

    def to_internal_value(self, data: Any) -> Rerank:
        """Return the value unchanged if it is a boolean or an id."""
        if not isinstance(data, bool | str) or data == "":
            self.fail("invalid")
        return data


class SearchSerializer(serializers.Serializer[dict[str, Any]]):
    """The body of a search."""

    query = TextField(max_length=20_000, allow_blank=True)  # One that says nothing finds nothing.
    top_k = serializers.IntegerField(min_value=1, max_value=MAX_HITS, default=8)
    mode = serializers.ChoiceField(choices=MODES, default="hybrid")
    rerank = RerankField(
        default=None,
        allow_null=True,
        help_text="Have the best read again by the workspace's reranker (true) or another (its id), or not (false). "
        "Without it, a hybrid search does where the workspace has one.",
    )
    earlier = serializers.ListField(
        child=TextField(
            max_length=MAX_EARLIER_CHARS + 1, allow_blank=True
        ),  # As long as answers themselves use, and “…”.
        max_length=10,
        default=list,
        help_text="Questions that it follows on, the newest first; their words count less and less.",
    )
    fold = serializers.BooleanField(
        default=False, help_text="Leave out what says nearly the same as a better hit."
    )
    per_document = serializers.IntegerField(
        min_value=1,
        default=None,
        allow_null=True,
        help_text="At most so many hits of one document.",
    )
    floor = serializers.FloatField(
        min_value=0,
        max_value=1,
        default=0.0,
        help_text="Leave out what scores below this part of the best score.",
    )


class RanksSerializer(serializers.Serializer[Any]):
    """Where a passage stood in each ranking, from 1; null where it was not in it."""

    def get_fields(self) -> dict[str, Any]:
        """Return a field for each leg, one for the document, and one for the reranker."""
        return {
            name: serializers.IntegerField(allow_null=True)
            for name in (*sorted(LEGS), "document", "rerank")
        }


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
    """Search of a workspace."""

    @extend_schema(request=SearchSerializer, responses=FoundSerializer)
    def post(self, request: Request, slug: str) -> Response:
        """Return the passages that fit best, as the plain ranking has them."""
        user = caller(request)
        workspace = workspace_for(user, slug)
        wanted = SearchSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        values = wanted.validated_data
        _check_reranker(user, workspace, values["rerank"])
        selection = Selection(
            fold=values["fold"], per_document=values["per_document"], floor=values["floor"]
        )
        how = {name: values[name] for name in ("top_k", "mode", "rerank", "earlier")}
        try:
            with slots_for(workspace, rerank=values["rerank"]).slot(user.pk):
                return Response(
                    search_json(
                        search(user, workspace, values["query"], selection=selection, **how)
                    )
                )
        except ProviderError as error:
            raise Refusal(str(error), code=error.code, status=503) from error


class ModelPageSerializer(serializers.Serializer[Any]):
    """All models in one page, in the form of every other list."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = ModelInfoSerializer(many=True)


class ModelListView(APIView):
    """The models that the caller may use."""

    @extend_schema(responses=ModelPageSerializer)
    def get(self, request: Request) -> Response:
        """Return them."""
        models = ModelInfoSerializer(registry.models_for(caller(request)), many=True).data
        return Response({"next": None, "previous": None, "results": models})


def _check_reranker(user: User, workspace: Workspace, rerank: Rerank) -> None:
    """Raise `Refusal` for a reranker that does not exist, or that the workspace or the user does not have."""
    if isinstance(rerank, str):
        try:
            if not registry.may_use(user, rerank):
                raise ModelNotFound(rerank)
            registry.rerank_model(rerank)
        except ModelNotFound:
            raise Refusal(
                str(ModelNotFound(rerank[:200])), code="model_not_found", status=400
            ) from None
        except ProviderError:
            return  # The search goes on without a reranker, and its trace has the error.
    elif rerank and not workspace.setting("rerank_model"):
        raise Refusal(
            _("This workspace has no reranker. An owner can choose one in the settings."),
            code="no_reranker",
            status=400,
        )


def search_json(found: SearchResult) -> dict[str, Any]:
    """Return the result of a search as JSON."""
    return dict(FoundSerializer(found).data)
