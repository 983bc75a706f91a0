"""The sentences that say why a document was not read, and what to do about it.

One sentence for each code and reason of `UnreadableDocument`; nothing is decided here. A reason may end in a number,
as in "pages:2000": that is the limit which the document is over, and stands in the sentence as %(limit)s.
"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

SENTENCES = {
    "empty": gettext_noop("This document is empty: there is nothing in it to read."),
    "corrupt": gettext_noop(
        "This document is damaged and cannot be opened; open it in the program it was made with, save it "
        "again and add the new copy."
    ),
    "corrupt.original": gettext_noop(
        "The original of this document is damaged on the server's disk. Add the same file again to repair it."
    ),
    "corrupt.name": gettext_noop(
        "This file is not what its name says and cannot be read; check that it opens on your machine and add it again."
    ),
    "corrupt.unsafe": gettext_noop(
        "This document holds something no office program writes and attackers do, so it was not read; save a "
        "fresh copy of it and add that."
    ),
    "corrupt.bomb": gettext_noop(
        "This archive is made so that it swells when it is unpacked, as attackers make them, so it was not; pack the "
        "documents anew and add that."
    ),
    "corrupt.twice": gettext_noop("Another file in the archive has the same name; rename one and pack them again."),
    "password_needed": gettext_noop("This document is protected by a password; enter the password to have it read."),
    "password_needed.member": gettext_noop(
        "This is locked by a password; unpack it with the password and add what is in it."
    ),
    "password_needed.wrong": gettext_noop("That password does not open this document; try another one."),
    "no_text.archive": gettext_noop(
        "Nothing in this archive could be read; its page says why. Unpack it and add the documents themselves."
    ),
    "empty.archive": gettext_noop("There are no documents in this archive."),
    "no_text": gettext_noop("No text was found in this document; add one that has text in it."),
    "no_text.nothing_seen": gettext_noop(
        "No text was found in this document, nor in its pictures; add one that has text in it."
    ),
    "no_text.ocr_off": gettext_noop(
        "This document has only pictures in it, and text in pictures is left out in this workspace; have an owner "
        "change that in the settings, then try again."
    ),
    "no_text.garbled": gettext_noop(
        "The letters in this PDF cannot be told apart, because its fonts do not say what they mean; export "
        "it again from the original and add that."
    ),
    "too_large": gettext_noop(
        "This document needs more memory than one document may use; split it into parts and add those."
    ),
    "too_large.inflated": gettext_noop(
        "This document unpacks to far more than one document may hold; split it into parts and add those."
    ),
    "too_large.cells": gettext_noop(
        "This workbook has more than the %(limit)s filled cells that one may have; split it into parts and add those."
    ),
    "too_large.tags": gettext_noop(
        "This document has more than the %(limit)s tags that one document may have; split it into parts and add those."
    ),
    "too_large.pages": gettext_noop(
        "This document has more than the %(limit)s pages that one document may have; split it into parts and add those."
    ),
    "too_large.pictures": gettext_noop(
        "This document has more than the %(limit)s scanned pages and pictures that can be read in one document; split "
        "it into parts and add those."
    ),
    "too_large.pixels": gettext_noop(
        "This picture has more than the %(limit)s million pixels that one picture may have; make it smaller and add "
        "that."
    ),
    "too_large.members": gettext_noop(
        "This archive holds more than the %(limit)s documents that one archive may hold; pack them into several and "
        "add those."
    ),
    "too_large.unpacked": gettext_noop(
        "This archive unpacks to more than the %(limit)s MB that one archive may hold; pack the documents into several "
        "and add those."
    ),
    "too_large.member": gettext_noop("This is larger than the %(limit)s MB that one document may have."),
    "too_large.nested": gettext_noop(
        "This archive lies inside others, more than %(limit)s deep; unpack the outer ones and add it by itself."
    ),
    "too_slow": gettext_noop("This document took too long to read; split it into smaller parts and add those."),
    "parser_crashed": gettext_noop(
        "This document broke the program that reads it; open it in the program it was made with, save it "
        "again and add the new copy."
    ),
    "unsupported": gettext_noop(
        "Files of this kind cannot be read; save the document as PDF, Word (.docx) or plain text and add that."
    ),
    "unsupported.program": gettext_noop("This is a program, whatever its name says, and programs are not read."),
    "unsupported.picture": gettext_noop(
        "Pictures of this kind cannot be read; save it as PNG, JPEG, TIFF or PDF and add that."
    ),
    "unsupported.media": gettext_noop("This is a sound or video file; add a transcript of it as text instead."),
    "unsupported.link": gettext_noop("This is only a link to another place, which is never followed."),
    "unsupported.archive": gettext_noop(
        "This is an archive of a kind that is not unpacked here; pack the documents as .zip and add that."
    ),
    "unsupported.office": gettext_noop(
        "Reading this format takes LibreOffice, which is not installed on this server; save the document as .docx, "
        ".pptx or .xlsx and add that."
    ),
    "unsupported.outlook": gettext_noop(
        "This is a data file of Outlook; save the messages in it as .msg or .eml files and add those."
    ),
    "unsupported.onenote": gettext_noop("This is a OneNote notebook; export its pages as PDF or .docx and add those."),
    "unsupported.iwork": gettext_noop(
        "This was made with Pages, Numbers or Keynote; export it as PDF, .docx, .xlsx or .pptx and add that."
    ),
    "unsupported.protected": gettext_noop(
        "This document is protected in a way that cannot be undone here; save a copy without protection and add that."
    ),
}


def sentence(code: str, reason: str = "") -> str:
    """The sentence for `code`, the narrower one where `reason` has its own, in the active language."""
    reason, _colon, limit = reason.partition(":")
    found = _(SENTENCES.get(f"{code}.{reason}") or SENTENCES.get(code) or SENTENCES["parser_crashed"])
    return found % {"limit": f"{int(limit):,}"} if limit.isdecimal() else found
