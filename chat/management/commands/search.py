"""`manage.py search QUERY --workspace SLUG`: passages on the terminal, best first."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from chat.api.search import MODES, search_json
from chat.management.command_line import add_arguments, place_and_person, where
from chat.retrieval import MOST_HITS, search
from providers.exceptions import ProviderError

SHOWN = 300


class Command(BaseCommand):
    """Searches as the search API does."""

    help = "Search the documents of a workspace."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the query and how to search."""
        parser.add_argument("query", metavar="QUERY")
        parser.add_argument("--top-k", type=int, default=8, help=f"how many passages, up to {MOST_HITS}")
        parser.add_argument("--mode", choices=MODES, default="hybrid")
        add_arguments(parser)

    def handle(self, *args: Any, query: str, workspace: str, user: str | None, **options: Any) -> None:
        """Search and show."""
        if not query.strip():
            raise CommandError(_("Enter a search term."))
        if not 1 <= options["top_k"] <= MOST_HITS:
            raise CommandError(
                _("%(name)s must be a number from %(low)s to %(high)s.")
                % {"name": "--top-k", "low": 1, "high": MOST_HITS}
            )
        place, person = place_and_person(workspace, user)
        try:
            found = search_json(search(person, place, query, top_k=options["top_k"], mode=options["mode"]))
        except ProviderError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False))
            return
        for number, hit in enumerate(found["hits"], start=1):
            self.stdout.write(f"{number}. {hit['document']['name']}{where(hit)}  ({hit['score']:.3f})")
            self.stdout.write(f"   {' '.join(hit['text'].split())[:SHOWN]}")
        if not found["hits"]:
            self.stdout.write(_("No results"))
