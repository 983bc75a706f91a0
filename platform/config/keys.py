"""The server's secret key when none is given: made once, kept in DATA_DIR, readable by its owner alone."""

import contextlib
import os
from pathlib import Path

from django.core.management.utils import get_random_secret_key


def kept_secret_key(data_dir: Path) -> str:
    """Return the key kept in `data_dir`, making it first if need be. Two processes that race agree on one key."""
    path = data_dir / "secret-key"
    with contextlib.suppress(FileNotFoundError):
        return path.read_text(encoding="ascii")
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".secret-key-{os.getpid()}")
        with open(fresh, "w", encoding="ascii", opener=_private) as file:
            file.write(get_random_secret_key())
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
        return path.read_text(encoding="ascii")
    except OSError:
        # DATA_DIR is unusable: the command that needs it says so in a sentence; until then any key will do.
        return get_random_secret_key()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CREAT | os.O_TRUNC, 0o600)
