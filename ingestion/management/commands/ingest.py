"""`manage.py ingest PATH… --workspace SLUG`: add files and folders, and wait until they can answer."""

import json
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ingestion.filesystem import FileOnDisk, files_in
from ingestion.models import Document
from ingestion.outcomes import row_of
from ingestion.services import Added, Refused, add_documents
from ingestion.watching import wait_for
from workspaces.models import Workspace

BAR = 30


class Command(BaseCommand):
    """Adds documents as an upload does; indexes them itself when `up` is not running."""

    help = "Add files, and folders with all that is in them, to a workspace."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to add and where."""
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a file or a folder")
        parser.add_argument("--workspace", required=True, metavar="SLUG", help="where to add them")
        parser.add_argument("--no-wait", action="store_true", help="do not wait until the documents have been read")
        parser.add_argument("--json", action="store_true", help="write JSON, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Add, wait, say what became of each."""
        workspace = _workspace(options["workspace"])
        outcomes = self._add(workspace, _files(options["paths"]))
        if not options["no_wait"]:
            self._wait(outcomes)
        outcomes = [_as_it_is_now(outcome) for outcome in outcomes]
        self._say(outcomes, as_json=options["json"])
        trouble = sum(_is_trouble(outcome) for outcome in outcomes)
        if trouble:
            said = _("%(trouble)s of %(total)s documents could not be read.")
            raise CommandError(said % {"trouble": trouble, "total": len(outcomes)})

    def _add(self, workspace: Workspace, files: Sequence[FileOnDisk]) -> list[Added | Refused]:
        outcomes: list[Added | Refused] = []
        for number, file in enumerate(files, start=1):
            outcomes += add_documents(workspace=workspace, offers=[file], by=None)
            self._draw(_("Storing"), number, len(files))
        return outcomes

    def _wait(self, outcomes: Sequence[Added | Refused]) -> None:
        documents = {outcome.document.pk for outcome in outcomes if isinstance(outcome, Added)}
        try:
            wait_for(documents, seen=lambda left: self._draw(_("Reading"), len(documents) - left, len(documents)))
        except KeyboardInterrupt:
            said = _("Stopped. What has been added stays, and is read when the server runs.")
            raise CommandError(said) from None

    def _draw(self, doing: str, done: int, total: int) -> None:
        """Draw the bar anew, on a terminal only."""
        if not sys.stderr.isatty() or not total:
            return
        filled = BAR * done // total
        end = "\n" if done == total else ""
        self.stderr.write(f"\r{doing:8} [{'#' * filled}{'.' * (BAR - filled)}] {done}/{total}", ending=end)
        self.stderr.flush()

    def _say(self, outcomes: Sequence[Added | Refused], *, as_json: bool) -> None:
        rows = [row_of(outcome) for outcome in outcomes]
        if as_json:
            self.stdout.write(json.dumps({"results": rows}, ensure_ascii=False, default=str))
            return
        for row in rows:
            if row.get("error"):
                self.stdout.write(f"{row['name']}: {row['error']['message']}")
        for state, count in Counter(row.get("status", "") for row in rows).items():
            label = Document.Status(state).label if state else _("Refused")
            self.stdout.write(f"{label}: {count}")
        if here_already := sum("duplicate" in row for row in rows):
            said = ngettext("%d of them was here already.", "%d of them were here already.", here_already)
            self.stdout.write(said % here_already)


def _workspace(slug: str) -> Workspace:
    found = Workspace.objects.filter(slug=slug, deleted__isnull=True).first()
    if found is None:
        raise CommandError(_("There is no workspace “%(slug)s”.") % {"slug": slug})
    return found


def _files(paths: Sequence[Path]) -> list[FileOnDisk]:
    try:
        files = list(files_in(paths))
    except FileNotFoundError as exc:
        raise CommandError(_("There is no file or folder %(path)s.") % {"path": exc}) from None
    if not files:
        raise CommandError(_("There are no files in there."))
    return files


def _as_it_is_now(outcome: Added | Refused) -> Added | Refused:
    if isinstance(outcome, Refused):
        return outcome
    document = Document.objects.select_related("blob", "added_by").filter(pk=outcome.document.pk).first()
    return Added(document or outcome.document, outcome.duplicate)


def _is_trouble(outcome: Added | Refused) -> bool:
    return isinstance(outcome, Refused) or outcome.document.status in {"failed", "cancelled"}
