"""Estimates of model tokens without a tokenizer, rather too high than too low.

`count_tokens` is the rule for any model; `TokenRates` are measured for one model.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Self


def count_tokens(text: str) -> float:
    """Estimate the model tokens of `text`: 0.6 per Chinese character, 0.3 per Latin letter.

    Additive, so that parts may be counted separately, and as fast as encoding to UTF-8. Characters
    of three bytes count as Chinese; those of two bytes (Cyrillic, Greek, Arabic, accents) count
    half-way.
    """
    characters = len(text)
    if text.isascii():
        return 0.3 * characters
    wide = (len(text.encode("utf-8", "surrogatepass")) - characters) / 2
    return 0.3 * characters + 0.3 * wide


@dataclass(frozen=True, slots=True)
class TokenRates:
    """Tokens per character, by kind of character, which its first UTF-8 byte determines."""

    letter: float
    """ASCII letters and white space."""
    digit: float
    sign: float
    """Other ASCII characters."""
    accented: float
    """Characters of two bytes: Cyrillic, Greek, Arabic, accented Latin letters."""
    han: float
    """Chinese characters, kana and their punctuation."""
    other: float
    """All others: Korean, Thai, Devanagari, emoji, typographic signs."""

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        """Return the rates of an `as_row`."""
        return cls(**{field.name: float(kept[field.name]) for field in fields(cls)})

    @property
    def as_row(self) -> dict[str, float]:
        """The rates as JSON."""
        return asdict(self)

    def count(self, text: str) -> float:
        """Return the tokens of `text`. Additive, like `count_tokens`."""
        kinds = text.encode("utf-8", "surrogatepass").translate(_KINDS)
        return (
            self.letter * kinds.count(_LETTER)
            + self.digit * kinds.count(_DIGIT)
            + self.sign * kinds.count(_SIGN)
            + self.accented * kinds.count(_ACCENTED)
            + self.han * kinds.count(_HAN)
            + self.other * kinds.count(_OTHER)
        )

    def at_least(self, least: Self, share: float = 1.0) -> Self:
        """Return `share` of these rates, each at least that of `least`."""
        pairs = zip(self.as_row.items(), least.as_row.values(), strict=True)
        return type(self)(**{name: max(share * rate, lowest) for (name, rate), lowest in pairs})


# The rates of `count_tokens`, except for characters of four bytes, which it counts slightly higher.
DEFAULT_RATES: Final = TokenRates(
    letter=0.3, digit=0.3, sign=0.3, accented=0.45, han=0.6, other=0.6
)

_LETTER, _DIGIT, _SIGN, _ACCENTED, _HAN, _OTHER, _REST_OF_ONE = range(7)


def _kind(byte: int) -> int:
    if byte < 0x80:
        letter = chr(byte)
        return (
            _DIGIT
            if letter.isdigit()
            else _LETTER
            if letter.isalpha() or letter.isspace()
            else _SIGN
        )
    if byte < 0xC0:
        return _REST_OF_ONE
    if byte < 0xE0:
        return _ACCENTED
    # U+3000 to U+9FFF, and with U+F000 the full-width signs.
    return _HAN if 0xE3 <= byte <= 0xE9 or byte == 0xEF else _OTHER


_KINDS: Final = bytes(map(_kind, range(256)))
