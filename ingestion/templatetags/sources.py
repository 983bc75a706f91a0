"""Settings of document sources, for templates."""

from django import template
from django.conf import settings

from ingestion.sources.web import allow_list

register = template.Library()


@register.simple_tag
def fetching_is_on() -> bool:
    """Whether web pages may be fetched."""
    return allow_list.is_on()


@register.simple_tag
def part_bytes() -> int:
    """Return the most bytes of one part of an upload, the limit of any request."""
    size: int = settings.MAX_REQUEST_BYTES
    return size
