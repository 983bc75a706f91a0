"""Parse servers: which server parses a document, and the record of whether it could.

The protocol is in `providers.parse_servers`. A document with a password is parsed here, since no
server gets passwords.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from ingestion.errors.exceptions import ParsingCancelled, UnreadableDocument
from ingestion.models import Document
from ingestion.parsing.formats import PARSE_SERVER_TYPES, PREPARED
from ingestion.parsing.parsed import ParsedDocument
from ingestion.pipeline.parser_pool import options_of, parser_pool
from ingestion.queue import claims
from ingestion.queue.wakeup import wake_workers
from providers.exceptions import ProviderError
from providers.models import Connection
from providers.parse_servers import Cancelled, FileToParse, fault, host_of, parse
from web.exceptions import Refusal
from web.sentences import read_again

logger = logging.getLogger(__name__)


def server_for(document: Document) -> Connection | None:
    """Return the parse server for `document`; None for the built-in parsers."""
    chosen = (
        document.workspace.setting("parse_server")
        if document.parse_server is None
        else document.parse_server
    )
    if (
        not chosen
        or document.media_type not in PARSE_SERVER_TYPES
        or document.sealed_password is not None
    ):
        return None
    return Connection.objects.of_parsing().filter(slug=chosen).first()


def parsed(
    server: Connection, document: Document, path: Path, *, cancelled: Callable[[], bool]
) -> ParsedDocument:
    """Parse the file of `document` by `server` within PARSE_SERVER_SECONDS.

    Raises ProviderError, ParsingCancelled.
    """
    if not server.enabled:
        raise fault("parse_server_disabled", host_of(server))
    sent = FileToParse(path, document.name.rpartition("/")[2], document.media_type)
    with NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR, prefix="parsed-") as answer:
        try:
            parse(server, sent, answer, seconds=settings.PARSE_SERVER_SECONDS, cancelled=cancelled)
            answer.flush()
            options = options_of(document.workspace)
            return parser_pool().parse(
                Path(answer.name),
                PREPARED,
                name=document.name,
                cancelled=cancelled,
                options=options,
            )
        except Cancelled:
            raise ParsingCancelled from None
        except UnreadableDocument as exc:
            logger.info("The answer of the parse server %s was not read: %s", server.slug, exc.code)
            raise fault("parse_server_not_understood", host_of(server)) from exc


def note(document: Document, server: Connection | None, error: ProviderError | None = None) -> None:
    """Record in the row which parse server parsed `document`, or its error."""
    about = (
        {"slug": server.slug, "name": server.name, "said": error.kept if error else None}
        if server
        else None
    )
    if about != document.parsed_by:
        document.parsed_by = about
        Document.objects.filter(pk=document.pk).update(parsed_by=about)


def shown(document: Document) -> dict[str, Any] | None:
    """Return the record of the parse server for pages and programs, its error as a sentence."""
    about = document.parsed_by
    return about and {**about, "said": read_again(about["said"]) if about["said"] else None}


def choices(document: Document) -> list[tuple[str, str]]:
    """Return slug and name of the servers for `document`, and last of the built-in parsers."""
    if document.media_type not in PARSE_SERVER_TYPES or document.is_unfinished:
        return []
    servers = list(Connection.objects.enabled().of_parsing().values_list("slug", "name"))
    return [*servers, ("", _("Built-in parsers"))] if servers else []


def forget_connection(slug: str, *, by: User) -> None:
    """Reset documents that name a deleted connection to the parse server of their workspace."""
    Document.objects.filter(parse_server=slug).update(parse_server=None)


@transaction.atomic
def read_with(document: Document, *, server: str | None, by: User) -> Document:
    """Queue `document` for another parse by the server of this slug.

    "" stands for the built-in parsers, None for the workspace's choice.

    Its chunks serve until then. Raises Refusal for an unknown server or another type of file.
    """
    # Compared in Python, since a form may send NUL, which PostgreSQL rejects.
    if server and server not in Connection.objects.enabled().of_parsing().values_list(
        "slug", flat=True
    ):
        raise Refusal(_("There is no parse server “%s”.") % server, code="unknown_parse_server")
    if document.media_type not in PARSE_SERVER_TYPES:
        raise Refusal(
            _("This file type is always parsed on this server."),
            code="not_for_parse_servers",
            status=409,
        )
    document.parse_server, document.make = server, ""
    document.save(update_fields=["parse_server", "make"])
    record("document.read_again", by=by, about=document)
    if claims.requeue(Document.objects.filter(pk=document.pk)):
        transaction.on_commit(wake_workers)
        document.refresh_from_db()
    return document
