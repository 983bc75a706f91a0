"""How much room a text takes in a model's context: estimates, made to err upwards, where no tokenizer is.

`count_tokens` is the rule for whatever model; `TokenRates` are the same for one model, as its own tokenizer counts.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Self


def count_tokens(text: str) -> float:
    """Estimate the model tokens of `text`: 0.6 for a Chinese character, 0.3 for a Latin letter, others in between.

    Additive, so that parts may be counted alone, and as quick as encoding to UTF-8: a character of three bytes is
    Chinese for our purpose, one of two (Cyrillic, Greek, Arabic, accents) counts half-way.
    """
    characters = len(text)
    if text.isascii():
        return 0.3 * characters
    wide = (len(text.encode("utf-8", "surrogatepass")) - characters) / 2
    return 0.3 * characters + 0.3 * wide


@dataclass(frozen=True, slots=True)
class TokenRates:
    """How many tokens one character makes, by its kind; which kind that is, its first byte in UTF-8 tells."""

    letter: float
    """A letter or blank of ASCII."""
    digit: float
    sign: float
    """What else ASCII has."""
    accented: float
    """Of two bytes: Cyrillic, Greek, Arabic, and Latin letters with an accent."""
    han: float
    """Chinese characters, kana and what stands between them."""
    other: float
    """All the rest: Korean, Thai, Devanagari, pictures, and typographic signs."""

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        """Return the rates that `as_row` gave."""
        return cls(**{field.name: float(kept[field.name]) for field in fields(cls)})

    @property
    def as_row(self) -> dict[str, float]:
        """The rates as they can be kept."""
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
        """Return `share` of these rates, but none lower than that of `least`."""
        pairs = zip(self.as_row.items(), least.as_row.values(), strict=True)
        return type(self)(**{name: max(share * rate, lowest) for (name, rate), lowest in pairs})


# As `count_tokens` has it, but for pictures, whose four bytes it takes for a little more.
RULE: Final = TokenRates(letter=0.3, digit=0.3, sign=0.3, accented=0.45, han=0.6, other=0.6)

_LETTER, _DIGIT, _SIGN, _ACCENTED, _HAN, _OTHER, _REST_OF_ONE = range(7)


def _kind(byte: int) -> int:
    if byte < 0x80:
        letter = chr(byte)
        return _DIGIT if letter.isdigit() else _LETTER if letter.isalpha() or letter.isspace() else _SIGN
    if byte < 0xC0:
        return _REST_OF_ONE
    if byte < 0xE0:
        return _ACCENTED
    # U+3000 to U+9FFF, and with U+F000 the full-width signs.
    return _HAN if 0xE3 <= byte <= 0xE9 or byte == 0xEF else _OTHER


_KINDS: Final = bytes(map(_kind, range(256)))
