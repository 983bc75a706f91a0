"""Sentences for unreadable documents: the cause and the remedy.

One sentence for each code and reason of `UnreadableDocument`. A reason may end in a number, as in
"pages:2000": the exceeded limit, which replaces %(limit)s in the sentence.
"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

SENTENCES = {
    "empty": gettext_noop("This file is empty."),
    "corrupt": gettext_noop(
        "This file is damaged and cannot be opened. Open it in the program that created it, save a new copy and"
        " upload that."
    ),
    "corrupt.original": gettext_noop(
        "The stored original is damaged. Upload the same file again to repair it."
    ),
    "corrupt.name": gettext_noop(
        "This file does not match its extension and cannot be read. Check that it opens on your computer, then upload"
        " it again."
    ),
    "corrupt.unsafe": gettext_noop(
        "This file contains content that office programs do not write and attackers use, so it was rejected. Save a"
        " new copy and upload that."
    ),
    "corrupt.bomb": gettext_noop(
        "This archive expands to an abnormal size, so it was rejected. Create a new archive of the documents and"
        " upload that."
    ),
    "corrupt.twice": gettext_noop(
        "Another file in the archive has the same name. Rename one of them and upload the archive again."
    ),
    "password_needed": gettext_noop(
        "This document is password-protected. Enter the password to process it."
    ),
    "password_needed.member": gettext_noop(
        "This file is password-protected. Unpack it with the password and upload its contents."
    ),
    "password_needed.wrong": gettext_noop("Wrong password for this document. Try again."),
    "no_text.archive": gettext_noop(
        "No file in this archive could be read; see the reasons on its page. Unpack it and upload the documents"
        " directly."
    ),
    "empty.archive": gettext_noop("This archive contains no documents."),
    "no_text": gettext_noop("This document contains no text. Upload a version with text."),
    "no_text.nothing_seen": gettext_noop(
        "No text was found in this document or its images. Upload a version with text."
    ),
    "no_text.ocr_off": gettext_noop(
        "This document contains only images, and OCR is off in this workspace. Ask an owner to turn it on in the"
        " settings, then try again."
    ),
    "no_text.garbled": gettext_noop(
        "The text of this PDF cannot be read, because its fonts do not map to characters. Export it again from the"
        " original and upload that."
    ),
    "too_large": gettext_noop(
        "This document exceeds the memory limit for one document. Split it into smaller files."
    ),
    "too_large.inflated": gettext_noop(
        "This document exceeds the size limit when unpacked. Split it into smaller files."
    ),
    "too_large.cells": gettext_noop(
        "This workbook exceeds the limit of %(limit)s filled cells. Split it into smaller files."
    ),
    "too_large.tags": gettext_noop(
        "This document exceeds the limit of %(limit)s tags. Split it into smaller files."
    ),
    "too_large.pages": gettext_noop(
        "This document exceeds the limit of %(limit)s pages. Split it into smaller files."
    ),
    "too_large.pictures": gettext_noop(
        "This document exceeds the limit of %(limit)s scanned pages and images. Split it into smaller files."
    ),
    "too_large.pixels": gettext_noop(
        "This image exceeds the limit of %(limit)s megapixels. Make it smaller and upload it again."
    ),
    "too_large.members": gettext_noop(
        "This archive exceeds the limit of %(limit)s documents. Split it into several archives."
    ),
    "too_large.unpacked": gettext_noop(
        "This archive exceeds the limit of %(limit)s MB when unpacked. Split it into several archives."
    ),
    "too_large.member": gettext_noop("This file exceeds the limit of %(limit)s MB."),
    "too_large.nested": gettext_noop(
        "This archive exceeds the limit of %(limit)s nested archives. Unpack the outer ones and upload it separately."
    ),
    "too_slow": gettext_noop(
        "Processing this document exceeded the time limit. Split it into smaller files."
    ),
    "parser_crashed": gettext_noop(
        "This document crashed the parser. Open it in the program that created it, save a new copy and upload that."
    ),
    "unsupported": gettext_noop(
        "This file type is not supported. Save the document as PDF, Word (.docx) or plain text and upload that."
    ),
    "unsupported.program": gettext_noop("This file is a program. Programs are not supported."),
    "unsupported.picture": gettext_noop(
        "This image type is not supported. Save the image as PNG, JPEG, TIFF or PDF and upload that."
    ),
    "unsupported.media": gettext_noop(
        "Audio and video files are not supported. Upload a transcript instead."
    ),
    "unsupported.link": gettext_noop(
        "This file is only a link to another file. Links are not followed."
    ),
    "unsupported.archive": gettext_noop(
        "This archive type is not supported. Pack the documents as .zip and upload that."
    ),
    "unsupported.office": gettext_noop(
        "This format needs LibreOffice, which is not installed on this server. Save the document as .docx, .pptx or"
        " .xlsx and upload that."
    ),
    "unsupported.outlook": gettext_noop(
        "Outlook data files are not supported. Save the messages as .msg or .eml files and upload those."
    ),
    "unsupported.onenote": gettext_noop(
        "OneNote notebooks are not supported. Export the pages as PDF or .docx and upload those."
    ),
    "unsupported.iwork": gettext_noop(
        "Pages, Numbers and Keynote files are not supported. Export the document as PDF, .docx, .xlsx or .pptx and"
        " upload that."
    ),
    "unsupported.protected": gettext_noop(
        "This kind of document protection is not supported. Save a copy without protection and upload that."
    ),
}


def sentence(code: str, reason: str = "") -> str:
    """Return the sentence for `code` and, if one exists, `reason`, in the active language."""
    reason, _colon, limit = reason.partition(":")
    found = _(
        SENTENCES.get(f"{code}.{reason}") or SENTENCES.get(code) or SENTENCES["parser_crashed"]
    )
    return found % {"limit": f"{int(limit):,}"} if limit.isdecimal() else found
