"""JSON from outside: whatever is wrong with it ends as one error, be it nested a hundred thousand deep.

So does what is said of it: halves of characters, which JSON can spell and UTF-8 cannot, are spelt when they go back.
"""

import json
from typing import IO, Any, NoReturn

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer


class MalformedJson(Exception):
    """This is not JSON, or not JSON that anybody means."""


def read_json(text: str | bytes) -> Any:
    """Return what `text` says; raises `MalformedJson`. NaN and Infinity, which JSON does not have, are refused."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise MalformedJson from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


class StrictJSONParser(JSONParser):
    """REST framework's parser, which lets too deep nesting through as a server error."""

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return what the body says."""
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError(_("The JSON exceeds the limit for nesting.")) from error


class StrictJSONRenderer(JSONRenderer):
    """REST framework's renderer, which lets half a character in an error about it through as a server error."""

    def render(self, data: Any, *rest: Any, **more: Any) -> Any:
        """Return the body."""
        try:
            return super().render(data, *rest, **more)
        except UnicodeEncodeError:
            return _Spelt().render(data, *rest, **more)


class _Spelt(JSONRenderer):
    ensure_ascii = True
