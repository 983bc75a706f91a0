"""Whether the preparation of an earlier start still holds: loading Django only to find nothing to do takes seconds.

The stamp lies among the database's own files: it goes when they go. `forget` it whenever the tables may have changed.
"""

import hashlib
import os
from pathlib import Path

from embedded.data_dir.checks import write_whole
from embedded.postgres import cluster
from embedded.terminal_language import ROOT

SETUP_CODE = "setup-code"


def holds(data_dir: Path) -> bool:
    """Return whether nothing has to be prepared: same migrations, and no first administrator waiting to be made."""
    if setup_code(data_dir) and (os.environ.get("ADMIN_EMAIL") or os.environ.get("ADMIN_EMAIL_FILE")):
        return False
    try:
        return _path(data_dir).read_text(encoding="ascii") == _fingerprint()
    except OSError:
        return False


def setup_code(data_dir: Path) -> str:
    """Return the code that the set-up page asks for, "" once there is an administrator. The preparation writes it."""
    try:
        return (data_dir / SETUP_CODE).read_text(encoding="ascii").strip()
    except OSError:
        return ""


def forget_setup_code(data_dir: Path) -> None:
    """Remove a code that nobody asks for any more: the first administrator was made in another way."""
    (data_dir / SETUP_CODE).unlink(missing_ok=True)


def keep(data_dir: Path) -> None:
    """Note that everything is prepared."""
    write_whole(_path(data_dir), _fingerprint())


def forget(data_dir: Path) -> None:
    """Have the next start prepare everything again."""
    _path(data_dir).unlink(missing_ok=True)


def _path(data_dir: Path) -> Path:
    return cluster.folder(data_dir) / "prepared"


def _fingerprint() -> str:
    """Return a digest of all that preparation depends on; the lock file stands for the migrations of other packages.

    The project's version is part of it, because `prepare` queues again what failed by a fault of an earlier one.
    """
    digest = hashlib.sha256()
    ours = [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("platform/*/migrations/*.py")]
    ours += [ROOT / "uv.lock", ROOT / "pyproject.toml"]
    for path in sorted(ours):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0")
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()
