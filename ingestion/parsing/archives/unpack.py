"""Unpacks the documents of archives (ZIP, TAR, compressed files) into numbered files.

Runs in the parsing child. Names from an archive never reach the disk. Links, devices and encrypted
members are left out and reported. Bytes are counted while they are inflated, because sizes stated
in an archive may be false.
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

from ingestion.errors.exceptions import (
    CORRUPT,
    EMPTY,
    PASSWORD_NEEDED,
    TOO_LARGE,
    UNSUPPORTED,
    UnreadableDocument,
)
from ingestion.parsing.archives.zip_names import names_in
from ingestion.parsing.detection import detect_media_type
from ingestion.parsing.formats import ARCHIVES, BZIP2, GZIP, TAR, XZ, ZIP
from ingestion.parsing.options import Options
from ingestion.parsing.progress import Progress
from ingestion.parsing.text.characters import one_line
from ingestion.parsing.text.encodings import detect_encoding
from ingestion.parsing.zip_package import ARCHIVE_ERRORS, refuse_huge_directory

BLOCK_BYTES = 1024 * 1024
MAX_NAMED_OMISSIONS = 200  # Further omissions are only counted.
BOMB_BYTES = 1024 * 1024
MAX_COMPRESSION_RATIO = 400
OPENERS: dict[str, Callable[[Path], Any]] = {GZIP: gzip.open, BZIP2: bz2.open, XZ: lzma.open}
UNPACKING_ERRORS = (*ARCHIVE_ERRORS, tarfile.TarError, lzma.LZMAError)
COMPRESSED_SUFFIXES = ("gz", "bz2", "xz", "gzip")
DISK_IS_FULL = {errno.ENOSPC, errno.EDQUOT}


class UnpackingDiskFull(Exception):
    """The disk is full; no member is at fault, so none is left out."""


@dataclass(frozen=True, slots=True)
class Member:
    """An extracted document: its path in the archive, and the name of the file with its bytes."""

    name: str
    file: str
    media_type: str


@dataclass(slots=True)
class Unpacked:
    """The members of an archive, and name, code and reason of each omission."""

    members: list[Member] = field(default_factory=list)
    left_out: list[tuple[str, str, str]] = field(default_factory=list)
    left_out_count: int = 0

    def leave_out(self, name: str, code: str, reason: str = "") -> None:
        """Record a member that cannot become a document."""
        self.left_out_count += 1
        if len(self.left_out) < MAX_NAMED_OMISSIONS:
            self.left_out.append((name, code, reason))


def unpack(
    path: Path, media_type: str, *, name: str, folder: Path, options: Options, progress: Progress
) -> Unpacked:
    """Extract the documents in the archive at `path` into `folder`.

    Raises UnreadableDocument if the archive is broken, hostile or over a cap, UnpackingDiskFull if
    the disk is full; no member is kept then.
    """
    unpacker = _Unpacker(folder, options, progress)
    try:
        unpacker.archive(path, media_type, name, "", 1)
    except UNPACKING_ERRORS as exc:
        raise UnreadableDocument(CORRUPT) from exc
    return unpacker.unpacked


class _Unpacker:
    """Unpacks one archive and the archives inside it, under one budget."""

    def __init__(self, folder: Path, options: Options, progress: Progress) -> None:
        self.unpacked = Unpacked()
        self._folder = folder
        self._options = options
        self._progress = progress
        self._budget = options.max_unpacked_bytes
        self._count = 0
        self._files = 0

    def archive(self, path: Path, media_type: str, name: str, prefix: str, depth: int) -> None:
        """Unpack one archive; `prefix` goes before the paths of its members."""
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
            entries = [
                entry for entry in archive.infolist() if entry.filename and not entry.is_dir()
            ]
            # Members that share bytes make a huge archive out of a small file; no program writes
            # such archives.
            spans = sorted((entry.header_offset, entry.compress_size) for entry in entries)
            ends = [*(start for start, _length in spans[1:]), path.stat().st_size]
            if any(
                start + 30 + length > end for (start, length), end in zip(spans, ends, strict=True)
            ):
                raise UnreadableDocument(CORRUPT, "bomb")
            names = names_in(entries)
            for done, (entry, name) in enumerate(zip(entries, names, strict=True), start=1):
                if not is_hidden(name):
                    self._zip_entry(archive, entry, prefix + one_line(name), depth)
                self._progress(done / len(entries))

    def _zip_entry(
        self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, depth: int
    ) -> None:
        if (entry.external_attr >> 16) & 0o170000 == 0o120000:
            self._leave_out(name, UNSUPPORTED, "link")
        elif entry.flag_bits & 0x1:
            self._leave_out(name, PASSWORD_NEEDED, "member")
        elif entry.file_size > BOMB_BYTES and entry.file_size > MAX_COMPRESSION_RATIO * max(
            entry.compress_size, 1
        ):
            self._leave_out(name, CORRUPT, "bomb")
        else:
            self._extract(name, partial(archive.open, entry), depth)

    def _tar(self, file: IO[bytes], prefix: str, depth: int) -> None:
        counted = _CappedStream(file, self._budget)
        with tarfile.open(
            fileobj=cast(IO[bytes], counted), mode="r|", errors="surrogateescape"
        ) as archive:
            for entry in archive:
                name = one_line(_decoded_name(entry.name))
                if entry.isdir() or is_hidden(name):
                    continue
                if entry.issym() or entry.islnk() or not entry.isreg():
                    self._leave_out(prefix + name, UNSUPPORTED, "link")
                else:
                    self._extract(prefix + name, partial(archive.extractfile, entry), depth)

    def _compressed(self, path: Path, media_type: str, name: str, prefix: str, depth: int) -> None:
        """Unpack a compressed file, which usually is a TAR archive."""
        with OPENERS[media_type](path) as file:
            is_tar = file.read(512)[257:262] == b"ustar"
        if is_tar:
            with OPENERS[media_type](path) as file:
                self._tar(file, prefix, depth)
        else:
            stem, dot, suffix = name.rpartition(".")
            inner = stem if dot and stem and suffix.lower() in COMPRESSED_SUFFIXES else name
            self._extract(prefix + inner, partial(OPENERS[media_type], path), depth)

    def _extract(self, name: str, opened: Callable[[], IO[bytes] | None], depth: int) -> None:
        """Write one member to a file and keep it, or unpack it if it is an archive."""
        self._count_one()
        self._files += 1
        path = self._folder / str(self._files)
        try:
            self._write(path, opened)
            media_type = detect_media_type(path, name)
        except UnreadableDocument as exc:
            path.unlink(missing_ok=True)
            if exc.code == TOO_LARGE and exc.reason.startswith("unpacked"):
                raise
            if exc.code != EMPTY:
                self._leave_out(name, exc.code, exc.reason)
        except UNPACKING_ERRORS:
            path.unlink(missing_ok=True)
            self._leave_out(name, CORRUPT)
        else:
            self._keep(path, name, media_type, depth)

    def _keep(self, path: Path, name: str, media_type: str, depth: int) -> None:
        if media_type not in ARCHIVES:
            self.unpacked.members.append(Member(name, path.name, media_type))
            return
        try:
            if depth >= self._options.max_nesting:
                self._leave_out(name, TOO_LARGE, f"nested:{self._options.max_nesting}")
            else:
                self.archive(path, media_type, name.rpartition("/")[2], name + "/", depth + 1)
        except UNPACKING_ERRORS:
            self._leave_out(name, CORRUPT)
        except UnreadableDocument as exc:
            if exc.code == TOO_LARGE:
                raise
            self._leave_out(name, exc.code, exc.reason)
        finally:
            path.unlink(missing_ok=True)

    def _write(self, path: Path, opened: Callable[[], IO[bytes] | None]) -> None:
        member = opened()
        if member is None:
            raise UnreadableDocument(CORRUPT)
        size = 0
        with member, _disk_full_raised(), path.open("wb") as file:
            while block := member.read(BLOCK_BYTES):
                size += len(block)
                self._budget -= len(block)
                if self._budget < 0:
                    raise UnreadableDocument(
                        TOO_LARGE, f"unpacked:{self._options.max_unpacked_bytes // 2**20}"
                    )
                if size > self._options.max_member_bytes:
                    raise UnreadableDocument(
                        TOO_LARGE, f"member:{self._options.max_member_bytes // 2**20}"
                    )
                file.write(block)

    def _count_one(self) -> None:
        self._count += 1
        if self._count > self._options.max_members:
            raise UnreadableDocument(TOO_LARGE, f"members:{self._options.max_members}")

    def _leave_out(self, name: str, code: str, reason: str = "") -> None:
        self._count_one()
        self.unpacked.leave_out(name, code, reason)


@contextmanager
def _disk_full_raised() -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        if exc.errno in DISK_IS_FULL:
            raise UnpackingDiskFull from exc
        raise


class _CappedStream:
    """A stream that raises UnreadableDocument past a number of bytes, skipped members included."""

    def __init__(self, file: IO[bytes], limit: int) -> None:
        self._file = file
        self._limit = limit
        self._left = limit

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        data = self._file.read(size)
        self._left -= len(data)
        if self._left < -BLOCK_BYTES:  # Headers of the archive do not count.
            raise UnreadableDocument(TOO_LARGE, f"unpacked:{self._limit // 2**20}")
        return data


def is_hidden(name: str) -> bool:
    """Whether a member is a file of the operating system, of a program or of version control."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    last = parts[-1].lower() if parts else ""
    return (
        any(part.startswith(".") or part == "__MACOSX" for part in parts)
        or last in ("thumbs.db", "desktop.ini")
        or last.startswith("~$")
    )


def _decoded_name(name: str) -> str:
    """A name in a TAR archive, which does not state the encoding of names."""
    raw = name.encode("utf-8", "surrogateescape")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode(detect_encoding(raw), errors="replace")
