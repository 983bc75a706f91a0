"""Readable names and icons of media types, and summaries of archives."""

from typing import Any

from django import template
from django.utils.translation import gettext as _

from ingestion.documents import archive_contents
from ingestion.parsing.formats import BY_MEDIA_TYPE

register = template.Library()


@register.filter
def contents_summary(found: dict[str, Any] | None) -> str:
    """Return the result of unpacking an archive as a sentence."""
    return archive_contents.summary(found)


@register.filter
def contents_left_out(found: dict[str, Any] | None) -> list[dict[str, str]]:
    """Return name, code and message of the files that an archive left out."""
    return archive_contents.left_out(found)


@register.filter
def kind(media_type: str) -> str:
    """Return the common name of `media_type`, or the media type itself."""
    known = BY_MEDIA_TYPE.get(_plain(media_type))
    return _(known.label) if known else media_type


@register.filter
def kind_icon(media_type: str) -> str:
    """Return the name of the icon for documents of `media_type`."""
    known = BY_MEDIA_TYPE.get(_plain(media_type))
    return known.icon if known else "file"


def _plain(media_type: str) -> str:
    return media_type.partition(";")[0]
