"""`manage.py ingest PATH… --workspace SLUG`: add files and folders, and wait until indexed."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ingestion.documents.local_files import files_in
from ingestion.documents.versions import OnConflict
from ingestion.management.loading import Load
from ingestion.models import Document
from ingestion.worker.wait import local_workers
from workspaces.models import Workspace

BAR_CHARACTERS = 30
CLEAR_LINE = "\r\x1b[K"


class Command(BaseCommand):
    """Adds documents as an upload does; indexes them itself when `up` is not running."""

    help = "Add files, and folders with all that is in them, to a workspace. Run again, it goes on where it was."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Define the arguments: paths, workspace and options."""
        parser.add_argument(
            "paths", nargs="+", type=Path, metavar="PATH", help="a file or a folder"
        )
        parser.add_argument("--workspace", required=True, metavar="SLUG", help="where to add them")
        parser.add_argument(
            "--on-conflict",
            choices=list(OnConflict),
            default=OnConflict.VERSION,
            type=OnConflict,
            help="what becomes of a file whose name is taken by other bytes: a new version of that document (the"
            " default), a document of its own, or nothing",
        )
        parser.add_argument(
            "--no-wait", action="store_true", help="do not wait until the documents have been read"
        )
        parser.add_argument("--json", action="store_true", help="write JSON, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Add the files, wait for their indexing, and report each outcome."""
        paths = options["paths"]
        load = Load(_workspace(options["workspace"]), _count(paths), self._draw)
        try:
            with nullcontext() if options["no_wait"] else local_workers():
                load.add(files_in(paths), on_conflict=options["on_conflict"], load=set())
                if not options["no_wait"]:
                    load.wait()
        except KeyboardInterrupt:
            said = _(
                "Stopped. Documents added so far are kept and processed while the server runs."
            )
            raise CommandError(said) from None
        self._say(load, as_json=options["json"])
        if load.failed:
            said = _("%(trouble)s of %(total)s documents failed.")
            raise CommandError(said % {"trouble": load.failed, "total": load.stored})

    def _draw(self, load: Load) -> None:
        """Redraw the progress bar, on a terminal only."""
        if not sys.stderr.isatty():
            return
        filled = BAR_CHARACTERS * load.finished // max(1, load.total)
        bar = f"[{'#' * filled}{'.' * (BAR_CHARACTERS - filled)}] {load.finished}/{load.total}"
        parts = [
            bar,
            _("%d added") % load.stored,
            _("%d failed") % load.failed,
            _("%.1f/s") % load.rate,
        ]
        if load.seconds_left is not None:
            parts.append(_("%s left") % _clock(load.seconds_left))
        end = "\n" if load.stored == load.total and not load.unfinished else ""
        self.stderr.write(CLEAR_LINE + "  ".join(parts), ending=end)
        self.stderr.flush()

    def _say(self, load: Load, *, as_json: bool) -> None:
        if as_json:
            self._write_json(load)
            return
        for reason, failure in sorted(load.failures.items(), key=lambda item: -item[1].count):
            names = ", ".join(failure.examples) + (
                ", …" if failure.count > len(failure.examples) else ""
            )
            self.stdout.write(f"{failure.count} × {reason} ({names})")
        for state, count in load.states().items():
            label = Document.Status(state).label if state else _("Rejected")
            self.stdout.write(f"{label}: {count}")
        if load.here_already:
            said = ngettext(
                "%d file already existed.", "%d files already existed.", load.here_already
            )
            self.stdout.write(said % load.here_already)

    def _write_json(self, load: Load) -> None:
        """Write the rows one by one, since a load may have many thousands."""
        self.stdout.write('{"results": [', ending="")
        for number, row in enumerate(load.rows()):
            self.stdout.write(
                (", " if number else "") + json.dumps(row, ensure_ascii=False, default=str),
                ending="",
            )
        self.stdout.write("]}")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


def _workspace(slug: str) -> Workspace:
    found = Workspace.objects.filter(slug=slug, deleted__isnull=True).first()
    if found is None:
        raise CommandError(_("There is no workspace “%(slug)s”.") % {"slug": slug})
    return found


def _count(paths: Sequence[Path]) -> int:
    try:
        count = sum(1 for _file in files_in(paths))
    except FileNotFoundError as exc:
        raise CommandError(
            _("The file or folder %(path)s does not exist.") % {"path": exc}
        ) from None
    if not count:
        raise CommandError(_("The folder contains no files."))
    return count
