"""The progress of a document on pages: its place in the queue, then its stage."""

from collections.abc import Mapping
from uuid import UUID

from django import template
from django.utils.translation import gettext as _

from ingestion.models import Document
from ingestion.parsing.formats import ARCHIVES

register = template.Library()
Stage = Document.Stage


@register.filter
def place_of(places: Mapping[UUID, int], document: Document) -> int | None:
    """Return the place of a document in the queue of its workspace, from 1."""
    return places.get(document.pk) if places else None


@register.filter
def doing(document: Document) -> str:
    """Return the current stage of a document, with counts if known."""
    counted = {"number": max(document.done or 1, 1), "total": document.total}
    if document.media_type in ARCHIVES:
        return _("Unpacking") if document.stage == Stage.PARSE else _("Extracting documents")
    if document.total and document.stage == Stage.PARSE:
        return _("Reading page %(number)s of %(total)s") % counted
    if document.total and document.stage == Stage.EMBED:
        return _("Embedding passage %(number)s of %(total)s") % counted
    return document.get_stage_display() if document.stage else _("Waiting")
