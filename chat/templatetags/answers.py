"""Filters for the line above an answer: a summary of the search and the reasoning time.

While an answer streams, static/js/answer.js writes the same line.
"""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chat.models import Message

register = template.Library()


@register.filter
def search_summary(message: Message | None) -> str:
    """Return a summary such as "Found 8 passages in 3 documents"; empty if no search ran."""
    trace = message.trace if message else {}
    if not trace.get("search"):
        return ""
    prompt = trace.get("prompt") or {}
    passages = (prompt.get("passages") or 0) + (prompt.get("passages_left_out") or 0)
    documents = trace["search"].get("documents")
    if not passages:
        return _("No matching passages")
    found = ngettext("%(n)s passage", "%(n)s passages", passages) % {"n": passages}
    if not isinstance(documents, int):
        return _("Found %(passages)s") % {"passages": found}
    places = ngettext("%(n)s document", "%(n)s documents", documents) % {"n": documents}
    return _("Found %(passages)s in %(documents)s") % {"passages": found, "documents": places}


@register.filter
def reasoning_summary(message: Message | None) -> str:
    """Return the reasoning time, "Thought for 12 s", or a label if no time was measured."""
    ms = message.trace.get("reasoning_ms") if message else None
    return (
        _("Thought for %(seconds)s s") % {"seconds": max(1, round(ms / 1000))}
        if ms
        else _("Thinking process")
    )


@register.filter
def model_label(model: str) -> str:
    """Return a model's name without its connection."""
    return model.partition("/")[2] or model


@register.filter
def in_one_line(text: str) -> str:
    """Return `text` on one line, table cells separated by dots."""
    return " · ".join(filter(None, (" ".join(cell.split()) for cell in text.split("|"))))
