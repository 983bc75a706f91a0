"""What became of an archive's contents, as its document's row remembers it and as people are told.

An archive is a document like others, but for what comes of it: not chunks but documents, one for each that is in it,
which point back at it (`Document.archive`) and go when it goes. `pipeline.archives` takes them out.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ingestion.errors import messages
from ingestion.parsing.archives.unpack import Unpacked


def remembered(documents: int, unpacked: Unpacked) -> dict[str, Any]:
    """Return what to keep in the row: how many came out, how many did not, and why those that are named did not."""
    return {"documents": documents, "left_out": unpacked.left_out_count, "named": unpacked.left_out}


def summary(contents: Mapping[str, Any] | None) -> str:
    """Return one sentence; "" for what is no archive, or has not been unpacked yet."""
    if not contents:
        return ""
    taken_out, left_out = int(contents["documents"]), int(contents["left_out"])
    said: str = ngettext("%d document was extracted.", "%d documents were extracted.", taken_out) % taken_out
    if not left_out:
        return said
    also: str = ngettext("%d file was skipped.", "%d files were skipped.", left_out) % left_out
    return _("%(taken_out)s %(left_out)s") % {"taken_out": said, "left_out": also}


def left_out(contents: Mapping[str, Any] | None) -> list[dict[str, str]]:
    """Return what was left out, as far as it is named: name, code and the sentence that says why."""
    return [
        {"name": name, "code": code, "message": messages.sentence(code, {"reason": reason})}
        for name, code, reason in (contents or {}).get("named", [])
    ]
