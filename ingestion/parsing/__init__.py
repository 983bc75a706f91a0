"""From the bytes of a document to its elements. Pure Python: no models, no settings.

Main line: `detect_media_type()` tells the format of a file, `parse()` reads the file in this
process, and `ParserPool.parse()` in sandbox/ reads it in a child process under limits; code outside
this package uses the pool. A new format is a reader (see readers.py) and a row in formats.py.

archives/      documents out of ZIP, TAR and compressed files
detection      the media type of a file, by its bytes
elements       the elements of `unstructured`, made and read here
exchange/      elements as JSON: Unstructured and docling
formats        the formats that are read, a row each
layout/        from pages of lines to elements, for PDF and pictures
mail/          EML, MBOX, MHTML, MSG
markup/        HTML, Markdown, EPUB, XML
ocr/           text in pixels
office/        DOCX, PPTX, and the packages of Office documents
opendocument/  ODT, ODS, ODP
options        settings of the workspace and caps of the server
parsed         parsed documents as plain rows
partitioners   the readers as partitioners of `unstructured`
pdf/           PDF
plaintext/     text, RST, Org, JSON, source code, RTF
progress       the progress of a parse
readers        the protocol of readers, and the reader of a media type
sandbox/       the child processes that parse, and their limits
signatures     signatures of binary files
spreadsheets/  XLSX, XLS, XLSB, CSV
text/          shared by all readers: encodings, cleaning, tables, links
zip_package    zipped documents, opened under limits against ZIP bombs
"""

import errno
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.errors.exceptions import CORRUPT, EMPTY, NO_TEXT, TOO_LARGE, UnreadableDocument
from ingestion.parsing.detection import detect_media_type
from ingestion.parsing.formats import CSV, TEXT
from ingestion.parsing.options import DEFAULT, Options
from ingestion.parsing.progress import Progress, no_progress
from ingestion.parsing.readers import reader_for

if TYPE_CHECKING:
    from ingestion.parsing.elements import Parsed

__all__ = ["Options", "detect_media_type", "parse"]


def parse(
    path: Path,
    media_type: str,
    *,
    name: str,
    password: str | None = None,
    progress: Progress = no_progress,
    options: Options = DEFAULT,
) -> "Parsed":
    """Read the document at `path`, in this process and without limits.

    Raises UnreadableDocument for every failure, because messages of libraries do not help users.
    """
    reader = reader_for(media_type)
    try:
        parsed = reader(path, name=name, password=password, progress=progress, options=options)
    except UnreadableDocument:
        raise
    except MemoryError as exc:
        raise UnreadableDocument(TOO_LARGE) from exc
    except Exception as exc:
        wrote_too_much = isinstance(exc, OSError) and exc.errno == errno.EFBIG
        raise UnreadableDocument(TOO_LARGE if wrote_too_much else CORRUPT) from exc
    if not parsed.elements:
        raise UnreadableDocument(NO_TEXT if media_type not in (TEXT, CSV) else EMPTY)
    return parsed
