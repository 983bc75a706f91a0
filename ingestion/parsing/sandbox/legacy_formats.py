"""Finds in a child why LibreOffice could not convert a document in a format before 2007."""

from pathlib import Path

from ingestion.errors.exceptions import CORRUPT, UNSUPPORTED, UnreadableDocument
from ingestion.parsing.elements import Parsed
from ingestion.parsing.options import Options
from ingestion.parsing.progress import Progress


def explain(
    path: Path, *, name: str, password: str | None, progress: Progress, options: Options
) -> Parsed:
    """Raise UnreadableDocument with the reason; never returns."""
    import msoffcrypto

    is_locked = False
    with path.open("rb") as file:
        try:
            is_locked = msoffcrypto.OfficeFile(file).is_encrypted()
        except Exception as exc:  # Any exception of a parser means a broken document.
            raise UnreadableDocument(CORRUPT) from exc
    raise UnreadableDocument(UNSUPPORTED, "protected") if is_locked else UnreadableDocument(CORRUPT)
