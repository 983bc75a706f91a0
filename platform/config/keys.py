"""SECRET_KEY of a server whose environment has none: created once and kept in DATA_DIR."""

from pathlib import Path

from django.core.management.utils import get_random_secret_key

from embedded.data_dir.private_files import create_once


def kept_secret_key(data_dir: Path) -> str:
    """Return the key in `data_dir`, creating it first if it does not exist."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        return create_once(data_dir / "secret-key", get_random_secret_key().encode()).decode(
            "ascii"
        )
    except OSError:
        # Commands that need DATA_DIR report the error themselves; all others run with any key.
        return get_random_secret_key()
