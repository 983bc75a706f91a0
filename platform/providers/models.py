"""Connection, Model and ServerSetting: model servers, and settings of the whole server.

Built-in models have no rows. `connections.factory` returns the client of a connection.
"""

from typing import TYPE_CHECKING, Any, Literal, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Group
from language.tokens import TokenRates
from providers.check_results import CheckResult
from providers.key_encryption import unseal
from providers.protocols import FoundModel, ModelKind
from web.ids import new_id

if TYPE_CHECKING:
    from accounts.models import User

MAX_NAME_CHARACTERS = 150


class ConnectionQuerySet(models.QuerySet["Connection"]):
    """Queries about connections."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """All connections for administrators, none for others."""
        return self if user.is_authenticated and user.is_admin else self.none()

    def enabled(self) -> Self:
        """Connections that may be used."""
        return self.filter(enabled=True)

    def of_models(self) -> Self:
        """Connections to model servers."""
        return self.exclude(kind__in=Connection.PARSE_KINDS)

    def of_parsing(self) -> Self:
        """Connections to parse servers."""
        return self.filter(kind__in=Connection.PARSE_KINDS)


class Connection(models.Model):
    """A model server or a parse server: its address, its protocol and its encrypted key."""

    class Kind(models.TextChoices):
        """The protocol of the server."""

        OLLAMA = "ollama", "Ollama"
        OPENAI = "openai", _("OpenAI-compatible")
        UNSTRUCTURED = "unstructured", _("Unstructured API (parse server)")
        DOCLING = "docling", _("docling-serve (parse server)")

    PARSE_KINDS = (Kind.UNSTRUCTURED, Kind.DOCLING)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=40, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=MAX_NAME_CHARACTERS)
    kind = models.CharField(_("type"), max_length=20, choices=Kind, default=Kind.OLLAMA)
    base_url = models.CharField(_("address"), max_length=500)
    sealed_key = models.BinaryField(null=True, editable=False)
    enabled = models.BooleanField(_("enabled"), default=True)
    findings = models.JSONField(default=list, editable=False)
    checked = models.DateTimeField(null=True, editable=False)
    created = models.DateTimeField(auto_now_add=True)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def protocol(self) -> Literal["ollama", "openai"]:
        """The protocol of a model server, for `connections.factory`."""
        return "ollama" if self.kind == self.Kind.OLLAMA else "openai"

    @property
    def parses(self) -> bool:
        """Whether the server is a parse server, which has no models."""
        return self.kind in self.PARSE_KINDS

    @property
    def has_key(self) -> bool:
        """Whether a key is stored, even if it cannot be decrypted."""
        return bool(self.sealed_key)

    @property
    def api_key(self) -> str | None:
        """The key; "" if none is stored, None if it cannot be decrypted."""
        return unseal(self.sealed_key) if self.sealed_key else ""

    @property
    def found(self) -> list[CheckResult]:
        """The results of the last check."""
        return [CheckResult.read(row) for row in self.findings]

    @property
    def is_well(self) -> bool:
        """Whether the last check had no failed result."""
        return all(finding.ok for finding in self.found)


class ModelQuerySet(models.QuerySet["Model"]):
    """Queries about the models of connections."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """All models for administrators; for others, usable models of all or their groups."""
        if not user.is_authenticated:
            return self.none()
        if user.is_admin:
            return self
        mine = Q(groups__isnull=True) | Q(groups__in=Group.objects.filter(members=user))
        return self.serving().filter(mine).distinct()

    def serving(self) -> Self:
        """Models that may be used: model and connection are enabled."""
        return self.filter(enabled=True, connection__enabled=True)


class Model(models.Model):
    """A model that a server has offered. A refresh keeps the settings of administrators."""

    class Kind(models.TextChoices):
        """The task of the model."""

        CHAT = "chat", _("Chat")
        EMBEDDING = "embedding", _("Embedding")
        RERANK = "rerank", _("Reranker")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="offered")
    name = models.CharField(max_length=MAX_NAME_CHARACTERS, editable=False)
    kind = models.CharField(_("type"), max_length=10, choices=Kind)
    label = models.CharField(
        _("display name"), max_length=MAX_NAME_CHARACTERS, blank=True, default=""
    )
    enabled = models.BooleanField(_("enabled"), default=True)
    groups = models.ManyToManyField(
        Group, related_name="+", blank=True, verbose_name=_("only for these groups")
    )
    context_tokens = models.PositiveIntegerField(
        _("context window (tokens)"), null=True, blank=True
    )
    dimensions = models.PositiveIntegerField(null=True, editable=False)
    token_rates = models.JSONField(null=True, editable=False)
    thinks = models.BooleanField(default=False, editable=False)
    takes_system_prompt = models.BooleanField(_("supports system messages"), default=True)
    is_offered = models.BooleanField(default=True, editable=False)
    last_seen = models.DateTimeField(editable=False)

    objects = ModelQuerySet.as_manager()

    class Meta:
        ordering = ["connection", "kind", "name"]
        constraints = [models.UniqueConstraint(fields=["connection", "name"], name="model_once")]

    def __str__(self) -> str:
        return self.label or f"{self.name} · {self.connection.name}"

    @property
    def model_id(self) -> str:
        """The id of the model: connection/name."""
        return f"{self.connection.slug}/{self.name}"

    @property
    def description(self) -> FoundModel:
        """The description of the model that clients of its server need."""
        kind: ModelKind = self.kind  # type: ignore[assignment] # one of Kind
        return FoundModel(
            name=self.name,
            kind=kind,
            context_tokens=self.context_tokens,
            dimensions=self.dimensions,
            thinks=self.thinks,
            takes_system_prompt=self.takes_system_prompt,
            token_rates=TokenRates.read(self.token_rates) if self.token_rates else None,
        )


class ServerSetting(models.Model):
    """A setting of the whole server, by name; without a row, the value in `settings` applies."""

    name = models.CharField(primary_key=True, max_length=60)
    value: Any = models.JSONField(null=True)

    def __str__(self) -> str:
        return self.name
