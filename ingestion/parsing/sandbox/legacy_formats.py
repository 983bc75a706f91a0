"""Why a document in a format of old could not be turned into one that is read: looked into in the limited child."""

from pathlib import Path

from ingestion.errors.exceptions import CORRUPT, UNSUPPORTED, UnreadableDocument
from ingestion.parsing.elements import Parsed
from ingestion.parsing.options import Options
from ingestion.parsing.progress import Progress


def explain(path: Path, *, name: str, password: str | None, progress: Progress, options: Options) -> Parsed:
    """Say what is wrong; never returns."""
    import msoffcrypto

    is_locked = False
    with path.open("rb") as file:
        try:
            is_locked = msoffcrypto.OfficeFile(file).is_encrypted()
        except Exception as exc:  # A parser of bytes from outside; whatever it stumbles over is the document's fault.
            raise UnreadableDocument(CORRUPT) from exc
    raise UnreadableDocument(UNSUPPORTED, "protected") if is_locked else UnreadableDocument(CORRUPT)
