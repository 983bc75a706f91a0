"""The page of supported formats and limits, made from the format table and the settings."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ingestion.parsing.formats import FORMATS, Format, Need
from ingestion.parsing.sandbox.libreoffice import office_program
from web.requests import AuthenticatedHttpRequest

MAX_SUFFIXES = 8


@dataclass(frozen=True, slots=True)
class Row:
    """A format as a row of the page."""

    label: str
    icon: str
    suffixes: str
    note: str
    is_read: bool


@login_required
@require_safe
def format_list(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Supported formats, their requirements, and the limits of a document."""
    groups = []
    for group, formats in groupby(FORMATS, lambda each: each.group):
        rows = []
        for each in formats:
            suffixes = " ".join(each.suffixes[:MAX_SUFFIXES]) + (
                " …" if len(each.suffixes) > MAX_SUFFIXES else ""
            )
            rows.append(Row(_(each.label), each.icon, suffixes, *_need(each)))
        groups.append((_(group), rows))
    return render(request, "ingestion/format_list.html", {"groups": groups, "limits": _limits()})


def _need(each: Format) -> tuple[str, bool]:
    """Return the requirement of a format as a sentence, and whether it is met."""
    if each.needs == Need.OFFICE:
        if office_program():
            return _("Requires LibreOffice, which is installed on this server."), True
        return _("Requires LibreOffice, which is not installed on this server."), False
    if each.needs == Need.OCR:
        return _("Text in images is read unless OCR is off in the workspace."), True
    return "", True


def _limits() -> list[tuple[str, Any]]:
    return [
        (_("File size"), filesizeformat(settings.MAX_DOCUMENT_BYTES)),
        (_("Pages per document"), intcomma(settings.PARSER_MAX_PAGES)),
        (_("Filled cells per workbook"), intcomma(settings.PARSER_MAX_CELLS)),
        (_("Tags per web page or XML document"), intcomma(settings.PARSER_MAX_TAGS)),
        (_("Scanned pages and images per document"), intcomma(settings.PARSER_MAX_PICTURES)),
        (_("Documents per archive"), intcomma(settings.MAX_ARCHIVE_DOCUMENTS)),
        (_("Size of an unpacked archive"), filesizeformat(settings.MAX_ARCHIVE_BYTES)),
        (_("Nested archives"), intcomma(settings.MAX_ARCHIVE_NESTING)),
        (_("Processing time per document (seconds)"), intcomma(settings.PARSER_SECONDS)),
    ]
