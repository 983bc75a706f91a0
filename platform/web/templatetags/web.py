"""Filters for page ranges and percentages."""

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def pages(place: object) -> str:
    """Return the pages of a chunk or citation, as in "pages 3–5"; "" if it has none."""
    first, last = getattr(place, "page_from", None), getattr(place, "page_to", None)
    if first is None:
        return ""
    if last is None or last == first:
        return _("page %(page)s") % {"page": first}
    return _("pages %(first)s–%(last)s") % {"first": first, "last": last}


@register.filter
def percent(share: float) -> int:
    """Return a share from 0 to 1 as a whole percentage."""
    return round(share * 100)
