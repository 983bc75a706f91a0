"""The readers as partitioners of `unstructured`: importing this makes `partition()` use them.

Covers only formats whose original partitioner needs no missing package, because `partition()`
checks that first. PDF, pictures, workbooks and e-books are therefore excluded. Nothing in the
server needs this module.
"""

from importlib.util import find_spec
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from ingestion.parsing import detect_media_type, parse
from ingestion.parsing.elements import Element
from ingestion.parsing.exchange.elements_json import as_json
from ingestion.parsing.formats import BY_SUFFIX

# isort: split
# After `elements`, which turns its telemetry off.
from unstructured.file_utils.model import FileType, register_partitioner
from unstructured.staging.base import elements_from_dicts


def partition_document(
    filename: str | None = None, file: IO[bytes] | None = None, **_more: Any
) -> list[Element]:
    """Return the elements of a file with ids, parents and HTML; raises UnreadableDocument."""
    if filename is None:
        assert file is not None, "`partition` gives either"
        with NamedTemporaryFile() as held:
            held.write(file.read())
            held.flush()
            return partition_document(held.name)
    path = Path(filename)
    media_type = detect_media_type(path, path.name)
    rows = parse(path, media_type, name=path.name).rows().elements
    return elements_from_dicts(list(as_json(rows, path.name, media_type)))


for file_type in FileType:
    is_read = any(
        suffix in BY_SUFFIX and BY_SUFFIX[suffix].reader for suffix in file_type._extensions
    )
    if is_read and all(map(find_spec, file_type.importable_package_dependencies)):
        register_partitioner(file_type)(partition_document)
