"""What kind of document a media type is, in the words of people and as an icon."""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ingestion.parsing import media_types

register = template.Library()

# Media type: what people call it, and its icon in static/icons.svg. PDF, XML and Markdown are names everywhere.
KINDS = {
    media_types.PDF: ("PDF", "file-text"),
    media_types.DOCX: (gettext_noop("Word document"), "file-text"),
    media_types.PPTX: (gettext_noop("PowerPoint presentation"), "presentation"),
    media_types.XLSX: (gettext_noop("Excel workbook"), "file-spreadsheet"),
    media_types.ODT: (gettext_noop("OpenDocument text"), "file-text"),
    media_types.EPUB: (gettext_noop("E-book"), "book-open"),
    media_types.RTF: (gettext_noop("Rich text"), "file-text"),
    media_types.HTML: (gettext_noop("Web page"), "file-code"),
    media_types.XML: ("XML", "file-code"),
    media_types.EML: (gettext_noop("E-mail"), "mail"),
    media_types.CSV: (gettext_noop("Table (CSV)"), "file-spreadsheet"),
    media_types.MARKDOWN: ("Markdown", "file-text"),
    media_types.TEXT: (gettext_noop("Plain text"), "file-text"),
}


@register.filter
def kind(media_type: str) -> str:
    """Call `media_type` what people call it; one that nobody named is shown as it is."""
    known = KINDS.get(media_type)
    return _(known[0]) if known else media_type


@register.filter
def kind_icon(media_type: str) -> str:
    """Return the name of the icon for documents of `media_type`."""
    return KINDS.get(media_type, ("", "file"))[1]
