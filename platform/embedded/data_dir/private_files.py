"""Files of DATA_DIR that are written once and that only their owner can read, such as keys."""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile


def create_once(path: Path, content: bytes) -> bytes:
    """Create a file of mode 0600 with `content` unless it exists, and return its content.

    Processes that race for the first start return the same content.
    """
    if not path.exists():
        with (
            NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-") as file,
            suppress(FileExistsError),
        ):
            file.write(content)
            file.flush()
            # A link appears complete or not at all, and never replaces the file of another process.
            os.link(file.name, path)
    return path.read_bytes()
