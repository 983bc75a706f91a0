"""Headers of messages: encoded words and raw bytes, decoded by their real encoding.

The standard library trusts the label of an encoded word and replaces raw bytes. Here
`text.encodings` decodes both before the standard library parses the header. `eml` reads bodies.
"""

import re
from base64 import b64encode
from binascii import a2b_base64, a2b_qp
from contextlib import suppress
from email import policy
from email.header import decode_header, make_header
from typing import Any, cast

from ingestion.parsing.text.encodings import decode, detect_encoding

# The standard library takes minutes for a long header, and recurses into nested comments.
MAX_PARSED_CHARACTERS = 20_000
MAX_COMMENTS = 20
MAX_CONTENT_HEADER_CHARACTERS = 2_000
DEFAULT_LABELS = ("us-ascii", "ascii", "iso-8859-1")
ENCODED_WORDS = re.compile(
    r"=\?[^?\s]{1,60}\?[bq]\?[^?\r\n]*\?=(?:\s*=\?[^?\s]{1,60}\?[bq]\?[^?\r\n]*\?=)*", re.I
)
ENCODED_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]*)?\?([bq])\?([^?\r\n]*)\?=", re.I)
CHINESE_PARAMETER = re.compile(r"(\*\s*=\s*\"?)(?:gb2312|gbk|cp936)(?=')", re.I)
RAW_BYTES = re.compile("[\udc80-\udcff]")
CHARSET = re.compile(
    rb"(?:\bcharset\s*=\s*[\"']?|=\?|\*\s*=\s*\"?(?=[\w-]{2,40}'))([A-Za-z0-9_.:-]{2,40})", re.I
)


class Headers(policy.EmailPolicy):
    """Headers parsed by the standard library; those that it cannot parse in time stay unparsed."""

    charset = ""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        """Return the value of a header; called for each access."""
        if RAW_BYTES.search(value):
            value = decode(value.encode("utf-8", "surrogateescape"), self.charset)
        value = ENCODED_WORDS.sub(self._reencoded, value)
        if name.lower().startswith("content-"):
            value = CHINESE_PARAMETER.sub(r"\1gb18030", value[:MAX_CONTENT_HEADER_CHARACTERS])
        if len(value) > MAX_PARSED_CHARACTERS or value.count("(") > MAX_COMMENTS:
            return _unparsed(value)
        try:
            return super().header_fetch_parse(name, value)
        except Exception:  # The parser of headers fails in many ways on malformed ones.
            return _unparsed(value)

    def _reencoded(self, match: re.Match[str]) -> str:
        """Adjacent encoded words as UTF-8; equal labels are joined, as programs cut characters."""
        groups: list[tuple[str, bytes]] = []
        for label, kind, text in ENCODED_WORD.findall(match[0]):
            label = label.lower()
            data = b""
            with suppress(ValueError):  # Broken base64: the other words can be read.
                raw = text.encode("ascii", "replace")
                data = a2b_base64(raw + b"==") if kind.lower() == "b" else a2b_qp(raw, header=True)
            if groups and groups[-1][0] == label:
                groups[-1] = (label, groups[-1][1] + data)
            else:
                groups.append((label, data))
        text = "".join(
            decode(data, self.charset if "unknown" in label else label) for label, data in groups
        )
        return f"=?utf-8?b?{b64encode(text.encode('utf-8', 'replace')).decode()}?="


def headers_of(data: bytes) -> Headers:
    """The policy for a message: its first telling charset label decodes raw bytes in headers."""
    labels = (found[1].decode("ascii").lower() for found in CHARSET.finditer(data))
    # Programs write the default labels for any encoding.
    telling = (label for label in labels if label not in DEFAULT_LABELS and "unknown" not in label)
    charset = next(telling, "") or detect_encoding(data)
    made: Any = Headers  # Policies take each attribute as a keyword, which the stubs omit.
    return cast(Headers, made(charset=charset))


def _unparsed(value: str) -> str:
    """Return the text of a header, its encoded words decoded."""
    value = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        return str(make_header(decode_header(value)))
    except Exception:  # As above: unknown encodings, invalid bytes.
        return value
