"""Says on pages which in line a document is."""

from typing import cast
from uuid import UUID

from django import template
from django.template import Context

from ingestion import queue
from ingestion.models import Document

register = template.Library()


@register.simple_tag(takes_context=True)
def place_in_line(context: Context, document: Document) -> int | None:
    """Return which in its workspace's line a document is, from 1; the line is looked up once for a page."""
    places = cast(dict[str, dict[UUID, dict[UUID, int]]], context.render_context).setdefault("places_in_line", {})
    if document.workspace_id not in places:
        places[document.workspace_id] = queue.places(document.workspace_id)
    return places[document.workspace_id].get(document.pk)
