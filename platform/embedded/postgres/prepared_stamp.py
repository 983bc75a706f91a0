"""A stamp that the preparation of an earlier start is still valid.

A valid stamp saves seconds of loading Django.

The stamp lies among the database's files and is deleted with them. Call `forget` when the tables
may have changed.
"""

import hashlib
import os
from pathlib import Path

from embedded.data_dir.checks import write_whole
from embedded.postgres import cluster
from embedded.terminal_language import ROOT

SETUP_CODE_FILE = "setup-code"


def holds(data_dir: Path) -> bool:
    """Return whether no preparation is needed.

    The migrations are the same, and there is no first administrator to create.
    """
    if setup_code(data_dir) and (
        os.environ.get("ADMIN_EMAIL") or os.environ.get("ADMIN_EMAIL_FILE")
    ):
        return False
    try:
        return _path(data_dir).read_text(encoding="ascii") == _fingerprint()
    except OSError:
        return False


def setup_code(data_dir: Path) -> str:
    """Return the set-up code, which the preparation writes; "" once there is an administrator."""
    try:
        return (data_dir / SETUP_CODE_FILE).read_text(encoding="ascii").strip()
    except OSError:
        return ""


def forget_setup_code(data_dir: Path) -> None:
    """Remove the code after the first administrator was created in another way."""
    (data_dir / SETUP_CODE_FILE).unlink(missing_ok=True)


def keep(data_dir: Path) -> None:
    """Write the stamp."""
    write_whole(_path(data_dir), _fingerprint())


def forget(data_dir: Path) -> None:
    """Remove the stamp, so that the next start prepares again."""
    _path(data_dir).unlink(missing_ok=True)


def _path(data_dir: Path) -> Path:
    return cluster.folder(data_dir) / "prepared"


def _fingerprint() -> str:
    """Return a digest of the inputs of preparation.

    uv.lock represents the migrations of other packages.

    It includes the project's version, because `prepare` requeues documents that failed by a bug of
    an earlier version.
    """
    digest = hashlib.sha256()
    ours = [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("platform/*/migrations/*.py")]
    ours += [ROOT / "uv.lock", ROOT / "pyproject.toml"]
    for path in sorted(ours):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0")
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()
