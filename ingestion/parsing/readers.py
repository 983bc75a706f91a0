"""The reader of each format: a function, imported for the first document of the format.

The row of a format in `formats` names its reader; every reader follows the protocol `Reader`.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from ingestion.errors.exceptions import UNSUPPORTED, UnreadableDocument
from ingestion.parsing.formats import ARCHIVES, BY_MEDIA_TYPE, PROFILE_READERS
from ingestion.parsing.options import Options
from ingestion.parsing.progress import Progress

if TYPE_CHECKING:
    from ingestion.parsing.elements import Parsed


class Reader(Protocol):
    """Reads the file of a document into elements.

    Raises UnreadableDocument with a code and a reason. `parse` turns any other exception into
    UnreadableDocument.
    """

    def __call__(
        self,
        path: Path,
        /,
        *,
        name: str,
        password: str | None,
        progress: Progress,
        options: Options,
    ) -> "Parsed":
        """Read the document at `path`.

        `name` is the name of the uploaded file; `progress` is called with the share read, 0 to 1.
        """


def reader_for(media_type: str) -> Reader:
    """Import the reader of a media type; raises UnreadableDocument if there is none."""
    row = BY_MEDIA_TYPE.get(media_type)
    location = row.reader if row else PROFILE_READERS.get(media_type, "")
    if not location:
        raise UnreadableDocument(UNSUPPORTED, "archive" if media_type in ARCHIVES else "")
    module, _, function = location.rpartition(".")
    return cast(Reader, getattr(import_module(f"ingestion.parsing.{module}"), function))
