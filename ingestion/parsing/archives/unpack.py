"""Archives (ZIP, TAR, compressed files): their documents taken out into files of ours, named in the answer.

Runs in the parsing child. No name from an archive ever touches the disk; links, devices and what is encrypted are left
out and said to be. Everything that comes out is counted while it comes, whatever the archive claims about its sizes.
"""

import bz2
import errno
import gzip
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any, cast

from ingestion.errors.exceptions import CORRUPT, EMPTY, PASSWORD_NEEDED, TOO_LARGE, UNSUPPORTED, UnreadableDocument
from ingestion.parsing.archives.zip_names import names_in
from ingestion.parsing.detection import detect_media_type
from ingestion.parsing.formats import ARCHIVES, BZIP2, GZIP, TAR, XZ, ZIP
from ingestion.parsing.options import Options
from ingestion.parsing.progress import Progress
from ingestion.parsing.text.characters import one_line
from ingestion.parsing.text.encodings import detect_encoding
from ingestion.parsing.zip_package import BROKEN, refuse_huge_directory

BLOCK = 1024 * 1024
MOST_NAMED = 200  # Of what was left out; the rest is only counted.
SUSPICIOUS = 1024 * 1024
HIGHEST_RATIO = 400
OPENERS: dict[str, Callable[[Path], Any]] = {GZIP: gzip.open, BZIP2: bz2.open, XZ: lzma.open}
UNREADABLE = (*BROKEN, tarfile.TarError, lzma.LZMAError)
DISK_IS_FULL = {errno.ENOSPC, errno.EDQUOT}


class NoRoom(Exception):
    """The disk is full, for which no member is to be blamed: none may be left out for it."""


@dataclass(frozen=True, slots=True)
class Member:
    """A document that was taken out: what it is called in there, and the file of ours that has its bytes."""

    name: str
    file: str
    media_type: str


@dataclass(slots=True)
class Unpacked:
    """What came out of an archive, and what was left out: name, code and reason of each, as in a refusal."""

    members: list[Member] = field(default_factory=list)
    left_out: list[tuple[str, str, str]] = field(default_factory=list)
    left_out_count: int = 0

    def leave_out(self, name: str, code: str, reason: str = "") -> None:
        """Note that something could not become a document."""
        self.left_out_count += 1
        if len(self.left_out) < MOST_NAMED:
            self.left_out.append((name, code, reason))


def unpack(path: Path, media_type: str, *, name: str, folder: Path, options: Options, progress: Progress) -> Unpacked:
    """Take the documents in the archive at `path` out into `folder`.

    Raises UnreadableDocument for an archive that is broken, hostile or over one of the caps, NoRoom when the disk is
    full; nothing of it counts then.
    """
    unpacking = _Unpacking(folder, options, progress)
    try:
        unpacking.archive(path, media_type, name, "", 1)
    except UNREADABLE as exc:
        raise UnreadableDocument(CORRUPT) from exc
    return unpacking.unpacked


class _Unpacking:
    """One archive being unpacked, with those inside it; they share one budget."""

    def __init__(self, folder: Path, options: Options, progress: Progress) -> None:
        self.unpacked = Unpacked()
        self._folder = folder
        self._options = options
        self._progress = progress
        self._budget = options.max_unpacked_bytes
        self._count = 0
        self._files = 0

    def archive(self, path: Path, media_type: str, name: str, prefix: str, depth: int) -> None:
        """Unpack one archive, whose documents are called `prefix` and their own path."""
        if media_type == ZIP:
            self._zip(path, prefix, depth)
        elif media_type == TAR:
            with path.open("rb") as file:
                self._tar(file, prefix, depth)
        else:
            self._compressed(path, media_type, name, prefix, depth)

    def _zip(self, path: Path, prefix: str, depth: int) -> None:
        refuse_huge_directory(path)
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if entry.filename and not entry.is_dir()]
            _refuse_overlaps(entries, path.stat().st_size)
            names = names_in(entries)
            for done, (entry, name) in enumerate(zip(entries, names, strict=True), start=1):
                if not is_hidden(name):
                    self._zip_entry(archive, entry, prefix + one_line(name), depth)
                self._progress(done / len(entries))

    def _zip_entry(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, depth: int) -> None:
        if (entry.external_attr >> 16) & 0o170000 == 0o120000:
            self._leave_out(name, UNSUPPORTED, "link")
        elif entry.flag_bits & 0x1:
            self._leave_out(name, PASSWORD_NEEDED, "member")
        elif entry.file_size > SUSPICIOUS and entry.file_size > HIGHEST_RATIO * max(entry.compress_size, 1):
            self._leave_out(name, CORRUPT, "bomb")
        else:
            self._taken(name, partial(archive.open, entry), depth)

    def _tar(self, file: IO[bytes], prefix: str, depth: int) -> None:
        counted = _Counted(file, self._budget)
        with tarfile.open(fileobj=cast(IO[bytes], counted), mode="r|", errors="surrogateescape") as archive:
            for entry in archive:
                name = one_line(_readable(entry.name))
                if entry.isdir() or is_hidden(name):
                    continue
                if entry.issym() or entry.islnk() or not entry.isreg():
                    self._leave_out(prefix + name, UNSUPPORTED, "link")
                else:
                    self._taken(prefix + name, partial(archive.extractfile, entry), depth)

    def _compressed(self, path: Path, media_type: str, name: str, prefix: str, depth: int) -> None:
        """A file compressed by itself, which is a tape archive more often than not."""
        with OPENERS[media_type](path) as file:
            is_tar = file.read(512)[257:262] == b"ustar"
        if is_tar:
            with OPENERS[media_type](path) as file:
                self._tar(file, prefix, depth)
        else:
            self._taken(prefix + _inner_name(name), partial(OPENERS[media_type], path), depth)

    def _taken(self, name: str, opened: Callable[[], IO[bytes] | None], depth: int) -> None:
        """Take out one member, an archive with what is in it."""
        self._count_one()
        self._files += 1
        path = self._folder / str(self._files)
        try:
            self._written(path, opened)
            media_type = detect_media_type(path, name)
        except UnreadableDocument as exc:
            path.unlink(missing_ok=True)
            if exc.code == TOO_LARGE and exc.reason.startswith("unpacked"):
                raise
            if exc.code != EMPTY:
                self._leave_out(name, exc.code, exc.reason)
        except UNREADABLE:
            path.unlink(missing_ok=True)
            self._leave_out(name, CORRUPT)
        else:
            self._kept(path, name, media_type, depth)

    def _kept(self, path: Path, name: str, media_type: str, depth: int) -> None:
        if media_type not in ARCHIVES:
            self.unpacked.members.append(Member(name, path.name, media_type))
            return
        try:
            if depth >= self._options.max_nesting:
                self._leave_out(name, TOO_LARGE, f"nested:{self._options.max_nesting}")
            else:
                self.archive(path, media_type, name.rpartition("/")[2], name + "/", depth + 1)
        except UNREADABLE:
            self._leave_out(name, CORRUPT)
        except UnreadableDocument as exc:
            if exc.code == TOO_LARGE:
                raise
            self._leave_out(name, exc.code, exc.reason)
        finally:
            path.unlink(missing_ok=True)

    def _written(self, path: Path, opened: Callable[[], IO[bytes] | None]) -> None:
        member = opened()
        if member is None:
            raise UnreadableDocument(CORRUPT)
        size = 0
        with member, _telling_a_full_disk(), path.open("wb") as file:
            while block := member.read(BLOCK):
                size += len(block)
                self._spend(len(block))
                if size > self._options.max_member_bytes:
                    raise UnreadableDocument(TOO_LARGE, f"member:{self._options.max_member_bytes // 2**20}")
                file.write(block)

    def _spend(self, size: int) -> None:
        self._budget -= size
        if self._budget < 0:
            raise UnreadableDocument(TOO_LARGE, f"unpacked:{self._options.max_unpacked_bytes // 2**20}")

    def _count_one(self) -> None:
        self._count += 1
        if self._count > self._options.max_members:
            raise UnreadableDocument(TOO_LARGE, f"members:{self._options.max_members}")

    def _leave_out(self, name: str, code: str, reason: str = "") -> None:
        self._count_one()
        self.unpacked.leave_out(name, code, reason)


@contextmanager
def _telling_a_full_disk() -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        if exc.errno in DISK_IS_FULL:
            raise NoRoom from exc
        raise


class _Counted:
    """A stream that ends in a refusal once more has come out of it than may: what is skipped is inflated, too."""

    def __init__(self, file: IO[bytes], limit: int) -> None:
        self._file = file
        self._limit = limit
        self._left = limit

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        data = self._file.read(size)
        self._left -= len(data)
        if self._left < -BLOCK:  # The archive's own headers are no documents.
            raise UnreadableDocument(TOO_LARGE, f"unpacked:{self._limit // 2**20}")
        return data


def is_hidden(name: str) -> bool:
    """Whether a member is none that a person put there: files of the system, of programs, of version control."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    last = parts[-1].lower() if parts else ""
    return (
        any(part.startswith(".") or part == "__MACOSX" for part in parts)
        or last in ("thumbs.db", "desktop.ini")
        or last.startswith("~$")
    )


def _refuse_overlaps(entries: list[zipfile.ZipInfo], size: int) -> None:
    """Members that share bytes are how a small file becomes a huge one; no program writes such archives."""
    spans = sorted((entry.header_offset, entry.compress_size) for entry in entries)
    following: Iterator[tuple[int, int]] = iter([*spans[1:], (size, 0)])
    for (start, length), (after, _length) in zip(spans, following, strict=True):
        if start + 30 + length > after:
            raise UnreadableDocument(CORRUPT, "bomb")


def _readable(name: str) -> str:
    """A name in a tape archive, which does not say how it is written."""
    raw = name.encode("utf-8", "surrogateescape")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode(detect_encoding(raw), errors="replace")


def _inner_name(name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    return stem if dot and stem and suffix.lower() in ("gz", "bz2", "xz", "gzip") else name
