"""`manage.py ask QUESTION --workspace SLUG`: streams an answer to the terminal, then its sources."""

import asyncio
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from accounts.models import User
from chat import answering
from chat.answering.events.event_log import Event
from chat.answering.request import AnswerRequest
from chat.management.command_line import add_arguments, place_and_person, where
from workspaces.models import Workspace


class Command(BaseCommand):
    """Answers a question without storing question or answer."""

    help = "Ask the documents of a workspace."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the question and the model."""
        parser.add_argument("question", metavar="QUESTION")
        parser.add_argument(
            "--model", metavar="ID", help="a chat model; without it, the workspace's"
        )
        add_arguments(parser)

    def handle(
        self, *args: Any, question: str, workspace: str, user: str | None, **options: Any
    ) -> None:
        """Print the answer; raises `CommandError` if the answer failed."""
        if not question.strip():
            raise CommandError(_("Enter a question."))
        place, person = place_and_person(workspace, user)
        model = options["model"] or place.setting("chat_model")
        end = asyncio.run(self._answer(question, place, person, model, quiet=options["json"]))
        if options["json"]:
            self.stdout.write(json.dumps(end, ensure_ascii=False))
        else:
            self.stdout.write("")
            for citation in end["citations"]:
                self.stdout.write(
                    f"[{citation['n']}] {citation['document']['name']}{where(citation)}"
                )
                self.stdout.write(f"    {' '.join(citation['quote'].split())}")
        if end["error"]:
            raise CommandError(end["error"]["message"])

    async def _answer(
        self, question: str, place: Workspace, person: User, model: str, *, quiet: bool
    ) -> Event:
        answer = answering.start_unstored(
            AnswerRequest(user=person, question=question, model=model, workspace=place)
        )
        async for event in answer.log.after(0):
            if event["type"] in {"answer.delta", "message.snapshot"} and not quiet:
                # A snapshot turns the text so far into reasoning; the answer begins below.
                self.stdout.write(event["text"] or "\n\n", ending="")
                self.stdout.flush()
        return {
            key: value
            for key, value in answer.log.events[-1].items()
            if key not in {"type", "message", "seq"}
        }
