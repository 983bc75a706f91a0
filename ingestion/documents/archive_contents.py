"""The record of an archive's contents in its row, and its wording for people.

An archive has no chunks but members: documents that refer to it (`Document.archive`) and are
deleted with it. `pipeline.archives` unpacks them.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ingestion.errors import messages
from ingestion.parsing.archives.unpack import Unpacked


def remembered(documents: int, unpacked: Unpacked) -> dict[str, Any]:
    """Return the record: counts of members and files left out, and some names with reasons."""
    return {"documents": documents, "left_out": unpacked.left_out_count, "named": unpacked.left_out}


def summary(contents: Mapping[str, Any] | None) -> str:
    """Return the counts as one sentence.

    The sentence is empty for a document that is no archive or not unpacked yet.
    """
    if not contents:
        return ""
    taken_out, left_out = int(contents["documents"]), int(contents["left_out"])
    said: str = (
        ngettext("%d document was extracted.", "%d documents were extracted.", taken_out)
        % taken_out
    )
    if not left_out:
        return said
    also: str = ngettext("%d file was skipped.", "%d files were skipped.", left_out) % left_out
    return _("%(taken_out)s %(left_out)s") % {"taken_out": said, "left_out": also}


def left_out(contents: Mapping[str, Any] | None) -> list[dict[str, str]]:
    """Return name, code and sentence of the named members that were left out."""
    return [
        {"name": name, "code": code, "message": messages.sentence(code, {"reason": reason})}
        for name, code, reason in (contents or {}).get("named", [])
    ]
