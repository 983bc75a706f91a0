"""Small things that pages say in the same way everywhere."""

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def pages(place: object) -> str:
    """Say where a chunk or citation stands: "page 3", "pages 3 to 5", or nothing when it has no pages."""
    first, last = getattr(place, "page_from", None), getattr(place, "page_to", None)
    if first is None:
        return ""
    if last is None or last == first:
        return _("page %(page)s") % {"page": first}
    return _("pages %(first)s–%(last)s") % {"first": first, "last": last}


@register.filter
def percent(share: float) -> int:
    """Return a share between 0 and 1 as a whole number of hundredths."""
    return round(share * 100)
