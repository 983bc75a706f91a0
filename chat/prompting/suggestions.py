"""Suggested questions for the start page of a workspace, made by rule without a model.

Sample documents have written questions. The questions about other documents name their headings or
titles, in the language of these.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import override

from ingestion.models import Chunk, Document
from ingestion.samples import by_digest
from language.scripts import language_of
from providers.registry import is_built_in
from workspaces.models import Workspace

MAX_SUGGESTIONS: Final = 3
_MAX_DOCUMENTS_READ: Final = 12
_CHUNKS_PER_DOCUMENT: Final = 8
# Section numbers at the beginning of a heading.
_NUMBERING: Final = re.compile(
    r"^(?:[\d.]+[.)、]?\s+|第.{1,4}[章节条]\s*|[一二三四五六七八九十]+、)"
)


def suggestions_for(workspace: Workspace) -> list[str]:
    """Return up to MAX_SUGGESTIONS questions that the documents of `workspace` probably answer."""
    ready = [
        *Document.objects.filter(workspace=workspace, status=Document.Status.READY).order_by("-id")[
            :_MAX_DOCUMENTS_READ
        ]
    ]
    questions = list(islice(_each_once(_questions(ready)), MAX_SUGGESTIONS))
    # The built-in model quotes single sentences, so it cannot summarize a document.
    if not questions and not is_built_in(workspace.setting("chat_model")):
        for document in ready[:MAX_SUGGESTIONS]:
            with override(language_of(document.stem)):
                questions.append(_("Summarize “%(title)s”.") % {"title": document.stem})
    return questions


def _questions(documents: list[Document]) -> Iterator[str]:
    samples = [by_digest().get(document.blob_id) for document in documents]
    for sample in filter(None, samples):
        yield from sample.questions
    # One question per document and turn, so that a document with many headings leaves room for the
    # next.
    asked = _about(
        [document for document, sample in zip(documents, samples, strict=True) if sample is None]
    )
    for turn in range(MAX_SUGGESTIONS):
        yield from (questions[turn] for questions in asked if len(questions) > turn)


def _about(documents: list[Document]) -> list[list[str]]:
    """Return questions about the first headings of each of `documents`."""
    chunks = Chunk.objects.filter(
        document__in=documents, position__lt=_CHUNKS_PER_DOCUMENT, headings__len__gt=0
    )
    topics: dict[UUID, list[str]] = {document.pk: [document.stem] for document in documents}
    for document, path in chunks.order_by("position").values_list("document", "headings"):
        topics[document].append(_NUMBERING.sub("", path[-1]).strip(" :：*#"))
    return [
        [_ask_about(topic) for topic in [*_each_once(own)][1:] if _is_topic(topic)]
        for own in topics.values()
    ]


def _is_topic(words: str) -> bool:
    return (
        2 <= len(words) <= 60
        and any(map(str.isalpha, words))
        and not words.endswith(("?", "？", ",", "，"))
    )


def _ask_about(topic: str) -> str:
    with override(language_of(topic)):
        return _("What should I know about “%(topic)s”?") % {"topic": topic}


def _each_once(items: Iterable[str]) -> Iterator[str]:
    return iter(dict.fromkeys(items))
