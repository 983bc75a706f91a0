"""The view of OpenAI-compatible embeddings: vectors of texts, which are not stored.

A model server may take minutes and cannot be interrupted, so calls have separate threads and a limit
per person.
"""

import asyncio
import base64
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from accounts.api.asynchronous import asynchronous_api, json_body
from accounts.models import User
from chat.exceptions import TooManyCompletions
from chat.openai_api.views import refused
from chat.request_slots import MAX_SERVER_CALLS, search_slots, server_call_slots
from language.tokens import count_tokens
from providers import registry
from providers.exceptions import ModelNotFound, ProviderError, ProviderUnavailable
from providers.protocols import EmbeddingModel, Vector
from providers.registry import is_built_in
from web.database import give_back_connection, in_database
from web.exceptions import Refusal

MAX_TEXTS: Final = 2048
MAX_CHARS: Final = 2_000_000
ENCODING_FORMATS: Final = ("float", "base64")
# The built-in model embeds so much in one turn, about 40 ms of processor time. Longer calls take
# several turns.
MAX_TEXTS_PER_TURN: Final = 64
MAX_CHARS_PER_TURN: Final = 100_000
_threads: Final = ThreadPoolExecutor(max_workers=MAX_SERVER_CALLS, thread_name_prefix="embed")
_calls: Final[Counter[UUID]] = Counter()


@dataclass(frozen=True, slots=True)
class EmbeddingsRequest:
    """The texts to embed, the model, and the encoding of the vectors."""

    model: str
    texts: Sequence[str]
    encoding: str


@asynchronous_api("POST", refused=refused)
async def embeddings(request: HttpRequest, user: User) -> HttpResponseBase:
    """Embed one text or several with a model that the caller may use."""
    wanted = _read(json_body(request))
    model = await in_database(_model)(user, wanted.model)
    await give_back_connection()
    try:
        vectors = await _embedded(user, model, wanted.texts)
    except ProviderError as error:
        raise _failure(error) from error
    return JsonResponse(_answer(wanted, vectors))


async def _embedded(user: User, model: EmbeddingModel, texts: Sequence[str]) -> Sequence[Vector]:
    """Embed in turns with other people; raises `TooManyCompletions` beyond the limit of calls.

    A call counts until the model ends, also after its caller has left.
    """
    if _calls[user.pk] >= settings.COMPLETIONS_AT_ONCE:
        raise TooManyCompletions
    _calls[user.pk] += 1
    work = asyncio.create_task(_in_turn(user, model, texts))
    # Retrieves the exception, since a caller that has left does not.
    work.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    return await asyncio.shield(work)


async def _in_turn(user: User, model: EmbeddingModel, texts: Sequence[str]) -> Sequence[Vector]:
    own = is_built_in(model.id)
    slots = search_slots if own else server_call_slots
    vectors: list[Vector] = []
    try:
        for portion in portions(texts) if own else [texts]:
            async with slots.slot_async(user.pk):
                embed = partial(copy_context().run, model.embed_documents, portion)
                vectors += await asyncio.get_running_loop().run_in_executor(_threads, embed)
    finally:
        _calls[user.pk] -= 1
        if not _calls[user.pk]:
            del _calls[user.pk]
    return vectors


def portions(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the texts in order, in portions for one turn of at least one text."""
    portion: list[str] = []
    letters = 0
    for text in texts:
        if portion and (
            len(portion) == MAX_TEXTS_PER_TURN or letters + len(text) > MAX_CHARS_PER_TURN
        ):
            yield portion
            portion, letters = [], 0
        portion.append(text)
        letters += len(text)
    yield portion


def _model(user: User, name: str) -> EmbeddingModel:
    """Return an embedding model; raises `Refusal` if the caller may not use it."""
    try:
        if not registry.may_use(user, name):
            raise ModelNotFound(name)
        return registry.embedding_model(name)
    except ModelNotFound:
        sentence = _("There is no embedding model “%(model)s” that you can use.") % {
            "model": name[:200]
        }
        raise Refusal(sentence, code="model_not_found", status=404) from None
    except ProviderError as error:
        raise _failure(error) from error


def _failure(error: ProviderError) -> Refusal:
    return Refusal(
        str(error), code=error.code, status=503 if isinstance(error, ProviderUnavailable) else 502
    )


def _answer(wanted: EmbeddingsRequest, vectors: Sequence[Vector]) -> dict[str, Any]:
    tokens = round(sum(count_tokens(text) for text in wanted.texts))
    as_list = wanted.encoding == "float"
    rows = [
        {
            "object": "embedding",
            "index": number,
            "embedding": list(vector)
            if as_list
            else base64.b64encode(array("f", vector).tobytes()).decode(),
        }
        for number, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": rows, "model": wanted.model, "usage": usage}


def _read(body: dict[str, Any]) -> EmbeddingsRequest:
    """Return the validated body; raises `Refusal`, which names the invalid member."""
    model, given = body.get("model"), body.get("input")
    if not isinstance(model, str) or not model:
        raise _wrong("model", _("%(name)s must be a string.") % {"name": "model"})
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise _wrong(
            "input",
            _("input must be a string or a list of strings; token arrays are not supported."),
        )
    if len(texts) > MAX_TEXTS or sum(map(len, texts)) > MAX_CHARS:
        raise _wrong(
            "input", _("The input is too large for one request; send it in smaller batches.")
        )
    encoding = body.get("encoding_format") or "float"
    if encoding not in ENCODING_FORMATS:
        raise _wrong("encoding_format", _("encoding_format must be float or base64."))
    return EmbeddingsRequest(
        model, [text.encode("utf-8", "replace").decode() for text in texts], encoding
    )


def _wrong(name: str, sentence: str) -> Refusal:
    return Refusal(sentence, code="invalid", errors={name: [sentence]})
