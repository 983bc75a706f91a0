"""Filters and orders of a workspace's documents, the same for pages, bulk actions and the API.

Filters narrow documents that the caller may see; permissions do not belong here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Case, Count, F, Q, QuerySet, TextField, Value, When, Window
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Lower
from django.utils.translation import gettext_lazy as _

from ingestion.errors import messages
from ingestion.errors.exceptions import PASSWORD_NEEDED
from ingestion.models import Document
from workspaces.models import Workspace

Status = Document.Status
MAX_REASONS: Final = 20
NEWEST: Final = "-added"

# Documents that need attention first.
_URGENCY: Final = [Status.FAILED, Status.PROCESSING, Status.QUEUED, Status.CANCELLED, Status.READY]
_BY_STATUS: Final = Case(
    *(When(status=status, then=place) for place, status in enumerate(_URGENCY))
)
# Documents in work come first, so that the progress of a large upload is visible.
_IN_WORK: Final = Case(When(status=Status.PROCESSING, then=0), default=1)
_ORDERS: Final[dict[str, list[Any]]] = {
    NEWEST: [_IN_WORK.asc(), F("id").desc()],
    "added": [F("id").asc()],
    "name": [Lower("name").asc(), F("id").desc()],
    "-name": [Lower("name").desc(), F("id").desc()],
    "-size": [F("blob__size").desc(), F("id").desc()],
    "size": [F("blob__size").asc(), F("id").desc()],
    "status": [_BY_STATUS.asc(), F("id").desc()],
    "-status": [_BY_STATUS.desc(), F("id").desc()],
}
ORDERS: Final = {
    NEWEST: _("Newest first"),
    "added": _("Oldest first"),
    "name": _("Name, A to Z"),
    "-name": _("Name, Z to A"),
    "-size": _("Largest first"),
    "size": _("Smallest first"),
    "status": _("Problems first"),
    "-status": _("Ready first"),
}
# Orders of the API, whose pages continue after a row, by fields or the annotations above.
SORTED_BY: Final = {"sorted_name": Lower("name"), "sorted_size": F("blob__size")}
CURSORS: Final = {
    NEWEST: ("-id",),
    "added": ("id",),
    "name": ("sorted_name", "-id"),
    "-name": ("-sorted_name", "-id"),
    "-size": ("-sorted_size", "-id"),
    "size": ("sorted_size", "-id"),
}
# The narrower reason of a failure, possibly with a limit after a colon.
_REASON: Final = Coalesce(
    KeyTextTransform("reason", "error_details"), Value(""), output_field=TextField()
)


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """A filter and an order; unknown values are ignored."""

    query: str = ""
    statuses: tuple[str, ...] = ()
    kind: str = ""
    reason: str = ""
    pinned: bool = False
    sort: str = NEWEST

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> "DocumentFilter":
        """Read the parameters of an address or a form."""
        statuses = str(said.get("status") or "").split(",")
        sort = str(said.get("sort") or "")
        return cls(
            query=_plain(said, "q"),
            statuses=tuple(status for raw in statuses if (status := raw.strip()) in Status.values),
            kind=_plain(said, "kind"),
            reason=_plain(said, "reason"),
            pinned=str(said.get("pinned") or "").lower() in {"1", "true", "on"},
            sort=sort if sort in _ORDERS else NEWEST,
        )

    @property
    def is_everything(self) -> bool:
        """Whether the filter lets every document through."""
        return not (self.query or self.statuses or self.kind or self.reason or self.pinned)

    def among(self, documents: "QuerySet[Document]") -> "QuerySet[Document]":
        """Return the matching `documents`, in no particular order."""
        found: QuerySet[Document] = documents.called(self.query)  # type: ignore[attr-defined]
        if self.statuses:
            found = found.filter(status__in=self.statuses)
        if self.kind:
            found = found.filter(media_type=self.kind)
        if self.pinned:
            found = found.filter(pinned=True)
        if self.reason:
            code, _dot, reason = self.reason.partition(".")
            matches = Q(error_details__reason=reason)
            matches |= (
                Q(error_details__reason__startswith=f"{reason}:")
                if reason
                else Q(error_details__reason__isnull=True)
            )
            found = found.filter(matches, status=Status.FAILED, error_code=code)
        return found

    def ordered(self, documents: "QuerySet[Document]", *, is_working: bool) -> "QuerySet[Document]":
        """Return `documents` in order; by default those in work first, then the newest."""
        newest_first = self.sort == NEWEST and not is_working
        return (
            documents.order_by(F("id").desc())
            if newest_first
            else documents.order_by(*_ORDERS[self.sort])
        )


def _plain(said: Mapping[str, Any], key: str) -> str:
    return str(said.get(key) or "").replace("\x00", "").strip()


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for which documents failed."""

    key: str
    count: int
    sentence: str
    can_help: bool
    """Whether retrying all of them may help without further input."""


def reasons(workspace: Workspace) -> list[Reason]:
    """Return the reasons for which documents of a workspace failed, the most frequent first."""
    failed = Document.objects.filter(workspace=workspace, status=Status.FAILED).annotate(
        why=_REASON
    )
    alike = Window(Count("pk"), partition_by=[F("error_code"), F("why")])
    rows = failed.annotate(alike=alike).order_by("error_code", "why").distinct("error_code", "why")
    found: dict[str, Reason] = {}
    for code, why, count, details in rows.values_list(
        "error_code", "why", "alike", "error_details"
    ):
        key = ".".join(filter(None, [code, why.partition(":")[0]]))
        more = found[key].count if key in found else 0
        found[key] = Reason(
            key, count + more, messages.sentence(code, details), code != PASSWORD_NEEDED
        )
    return sorted(found.values(), key=lambda reason: -reason.count)[:MAX_REASONS]


def kinds(workspace: Workspace) -> list[str]:
    """Return the media types of a workspace's documents."""
    documents = (
        Document.objects.filter(workspace=workspace).exclude(media_type="").order_by("media_type")
    )
    return list(documents.values_list("media_type", flat=True).distinct())


def counts(workspace: Workspace) -> dict[str, int]:
    """Return the number of documents, in all and of each status."""
    rows = (
        Document.objects.filter(workspace=workspace)
        .order_by()
        .values_list("status")
        .annotate(Count("pk"))
    )
    found = dict.fromkeys(Status.values, 0) | dict(rows)
    return {**found, "all": sum(found.values())}
