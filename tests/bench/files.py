"""Every document under READING_ROOM_DATA through a parsing child as the worker uses it: what came of it, at what cost.

One child after the other, with the server's default limits. Memory is the most that the child has
held, as the kernel counts it; a warm child holds what it has imported before. Prints a table by
kind and the documents of which too little was found, and writes a line per document to files.csv
beside this file.
"""

import csv
import os
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import django
from support.expected_words import Row, document_rows, expected_words, found_words, share_in_order
from support.stack import ROOT

ENOUGH = 0.95
LIST = Path(__file__).with_name("files.csv")
LOOK_EVERY = 0.02


@dataclass
class Outcome:
    """What came of one document; `share` is None where no expected text exists."""

    file: str
    kind: str
    result: str
    seconds: float
    mb: int
    share: float | None


def main() -> None:
    """Read everything, print the tables, write the list."""
    sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.conf import settings

    if not settings.READING_ROOM_DATA.is_dir():
        print("there are no documents: READING_ROOM_DATA names no folder")
        return
    outcomes = list(read_all(settings.READING_ROOM_DATA))
    print_table(outcomes)
    print_misses(outcomes)
    write_list(outcomes)


def read_all(folder: Path) -> Iterator[Outcome]:
    """What comes of each document in `folder`."""
    from ingestion.pipeline.parser_pool import parser_pool

    for row in sorted(document_rows(folder), key=lambda row: row["file"]):
        yield read(folder, row)
    parser_pool().close()


def read(folder: Path, row: Row) -> Outcome:
    """Read one document, or unpack it and read its members."""
    from ingestion.errors.exceptions import UnreadableDocument
    from ingestion.parsing import detect_media_type

    path, found, kind = folder / row["file"], [], row["format"] or "-"
    began = time.monotonic()
    with watched_memory() as peak:
        try:
            media_type = detect_media_type(path, path.name)
            kind = media_type
            found = [word for part in parts(path, media_type) for word in part]
            result = "parsed"
        except UnreadableDocument as exc:
            result = f"{exc.code}.{exc.reason}".rstrip(".") if exc.message else "no reason given"
    seconds = time.monotonic() - began
    wanted = expected_words(folder, row)
    share = share_in_order(wanted, found) if wanted else None
    return Outcome(row["file"], label(kind), result, seconds, peak[0] >> 20, share)


def parts(path: Path, media_type: str) -> Iterator[list[str]]:
    """The words of a document, or of each in an archive that can be read."""
    from ingestion.errors.exceptions import UnreadableDocument
    from ingestion.parsing.formats import ARCHIVES
    from ingestion.pipeline.parser_pool import parser_pool

    if media_type not in ARCHIVES:
        yield found_words(parser_pool().parse(path, media_type, name=path.name))
        return
    with tempfile.TemporaryDirectory(prefix="rr-bench-") as folder:
        for member in (
            parser_pool().unpack(path, media_type, name=path.name, folder=Path(folder)).members
        ):
            with suppress(UnreadableDocument):
                made = Path(folder) / member.file
                yield found_words(parser_pool().parse(made, member.media_type, name=member.name))


def label(media_type: str) -> str:
    """What the list calls a kind: how names of it usually end."""
    from ingestion.parsing.formats import BY_MEDIA_TYPE

    known = BY_MEDIA_TYPE.get(media_type)
    return known.suffixes[0].removeprefix(".") if known else media_type


@contextmanager
def watched_memory() -> Iterator[list[int]]:
    """The most bytes that a child of the pool holds meanwhile, counted from what it holds now."""
    from ingestion.pipeline.parser_pool import parser_pool

    peak, over = [0], threading.Event()

    def look() -> None:
        for pid in parser_pool().pids():
            with suppress(OSError, StopIteration):
                status = Path(f"/proc/{pid}/status").read_text().splitlines()
                held = next(line for line in status if line.startswith("VmHWM"))
                peak[0] = max(peak[0], int(held.split()[1]) * 1024)

    def keep_looking() -> None:
        while not over.wait(LOOK_EVERY):
            look()

    for pid in parser_pool().pids():
        with suppress(OSError):
            Path(f"/proc/{pid}/clear_refs").write_text("5")  # Forget the most so far.
    watcher = threading.Thread(target=keep_looking)
    watcher.start()
    try:
        yield peak
        look()
    finally:
        over.set()
        watcher.join()


def print_table(outcomes: list[Outcome]) -> None:
    """Print a line for each kind in each folder, and one for all."""
    groups = defaultdict(list)
    for outcome in outcomes:
        groups[str(Path(outcome.file).parent), outcome.kind].append(outcome)
    print("| folder | kind | files | parsed | refused | s median / max | MB max | expected found |")
    print("|---|---|---|---|---|---|---|---|")
    for (folder, kind), group in sorted(groups.items()):
        print_line(folder, kind, group)
    print_line("all", "", outcomes)


def print_line(folder: str, kind: str, group: list[Outcome]) -> None:
    refused = Counter(outcome.result for outcome in group if outcome.result != "parsed")
    seconds = [outcome.seconds for outcome in group]
    shares = [outcome.share for outcome in group if outcome.share is not None]
    cells = [
        folder,
        kind,
        len(group),
        len(group) - refused.total(),
        ", ".join(f"{count} {code}" for code, count in refused.most_common()),
        f"{statistics.median(seconds):.2f} / {max(seconds):.1f}",
        max(outcome.mb for outcome in group),
        f"{sum(share >= ENOUGH for share in shares)} of {len(shares)}" if shares else "",
    ]
    print("|", " | ".join(map(str, cells)), "|", flush=True)


def print_misses(outcomes: Iterable[Outcome]) -> None:
    """Print of which documents too little was found."""
    print("\n| less than 95 % found | share | |")
    print("|---|---|---|")
    for outcome in outcomes:
        if outcome.share is not None and outcome.share < ENOUGH:
            print(f"| {outcome.file} | {outcome.share:.1%} | {outcome.result} |")


def write_list(outcomes: Iterable[Outcome]) -> None:
    """Write a line for each document."""
    with LIST.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["file", "kind", "result", "seconds", "mb", "share"])
        for one in outcomes:
            share = "" if one.share is None else f"{one.share:.3f}"
            writer.writerow([one.file, one.kind, one.result, f"{one.seconds:.2f}", one.mb, share])
