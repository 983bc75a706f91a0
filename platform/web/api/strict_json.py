"""JSON of requests: every malformed text, also too deep nesting, raises one error.

Lone surrogates, which JSON can escape and UTF-8 cannot encode, are escaped in responses.
"""

import json
from typing import IO, Any, NoReturn

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer


class MalformedJson(Exception):
    """The text is not valid JSON, or is nested too deep."""


def read_json(text: str | bytes) -> Any:
    """Parse `text`; raises `MalformedJson`, also for NaN and Infinity, which are not JSON."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise MalformedJson from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


class StrictJSONParser(JSONParser):
    """REST framework's parser, with too deep nesting as a client error."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None
    ) -> Any:
        """Parse the body."""
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError(_("The JSON exceeds the limit for nesting.")) from error


class StrictJSONRenderer(JSONRenderer):
    """REST framework's renderer, which escapes lone surrogates instead of failing."""

    def render(self, data: Any, *rest: Any, **more: Any) -> Any:
        """Render the body."""
        try:
            return super().render(data, *rest, **more)
        except UnicodeEncodeError:
            return _AsciiRenderer().render(data, *rest, **more)


class _AsciiRenderer(JSONRenderer):
    ensure_ascii = True
