"""`manage.py reembed --workspace SLUG --model ID`: embed a workspace by another model, and wait."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from ingestion.documents.services import UNFINISHED
from ingestion.index import active_space
from ingestion.models import Document
from ingestion.worker.wait import wait_for
from workspaces.models import Workspace
from workspaces.services import change_workspace

DEFAULT = "default"


class Command(BaseCommand):
    """Changes the workspace's setting. Searches use the old vectors until the new are complete."""

    help = "Embed the documents of a workspace by another model, beside the vectors that serve until then."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Define the arguments: workspace and model."""
        parser.add_argument("--workspace", required=True, metavar="SLUG", help="whose documents")
        parser.add_argument(
            "--model", required=True, metavar="ID", help=f"connection/name, or “{DEFAULT}”"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Change the model, wait for the vectors, and report the outcome."""
        workspace = Workspace.objects.filter(
            slug=options["workspace"], deleted__isnull=True
        ).first()
        if workspace is None:
            raise CommandError(
                _("There is no workspace “%(slug)s”.") % {"slug": options["workspace"]}
            )
        model = None if options["model"] == DEFAULT else options["model"]
        try:
            change_workspace(workspace, by=None, embedding_model=model)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self._wait(workspace)
        self._say(workspace)

    def _wait(self, workspace: Workspace) -> None:
        waiting = Document.objects.filter(workspace=workspace, status__in=UNFINISHED)
        try:
            wait_for(list(waiting.values_list("pk", flat=True)), seen=lambda _left: None)
        except KeyboardInterrupt:
            raise CommandError(
                _("Stopped waiting. The server continues in the background.")
            ) from None

    def _say(self, workspace: Workspace) -> None:
        left = active_space.rebuilding(workspace)
        if left is not None:
            said = _(
                "%(done)s of %(total)s documents have the new embeddings; search uses the old ones until all are done."
            )
            raise CommandError(said % {"done": left.done, "total": left.total})
        total = Document.objects.filter(workspace=workspace, chunk_count__gt=0).count()
        said = _("All %(total)s documents have embeddings of %(model)s.")
        self.stdout.write(said % {"total": total, "model": workspace.setting("embedding_model")})
