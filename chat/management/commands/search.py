"""`manage.py search QUERY --workspace SLUG`: prints passages, best first."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from chat.api.search import MODES, search_json
from chat.management.command_line import add_arguments, place_and_person, where
from chat.retrieval import MAX_HITS, search
from providers.exceptions import ProviderError

MAX_TEXT_CHARS = 300


class Command(BaseCommand):
    """Searches like the search API."""

    help = "Search the documents of a workspace."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the query and the options of the search."""
        parser.add_argument("query", metavar="QUERY")
        parser.add_argument(
            "--top-k", type=int, default=8, help=f"how many passages, up to {MAX_HITS}"
        )
        parser.add_argument("--mode", choices=MODES, default="hybrid")
        add_arguments(parser)

    def handle(
        self, *args: Any, query: str, workspace: str, user: str | None, **options: Any
    ) -> None:
        """Search and print the hits."""
        if not query.strip():
            raise CommandError(_("Enter a search term."))
        if not 1 <= options["top_k"] <= MAX_HITS:
            raise CommandError(
                _("%(name)s must be a number from %(low)s to %(high)s.")
                % {"name": "--top-k", "low": 1, "high": MAX_HITS}
            )
        place, person = place_and_person(workspace, user)
        try:
            found = search_json(
                search(person, place, query, top_k=options["top_k"], mode=options["mode"])
            )
        except ProviderError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False))
            return
        for number, hit in enumerate(found["hits"], start=1):
            self.stdout.write(
                f"{number}. {hit['document']['name']}{where(hit)}  ({hit['score']:.3f})"
            )
            self.stdout.write(f"   {' '.join(hit['text'].split())[:MAX_TEXT_CHARS]}")
        if not found["hits"]:
            self.stdout.write(_("No results"))
