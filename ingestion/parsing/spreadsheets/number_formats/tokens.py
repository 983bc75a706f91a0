"""Number format codes cut into sections and tokens, after ECMA-376, 18.8.31.

Unknown letters beside digits are literals, as in LibreOffice.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final


class TokenKind(Enum):
    """The kinds of tokens."""

    LITERAL = auto()
    DIGIT = auto()  # 0 # ?
    POINT = auto()
    COMMA = auto()
    PERCENT = auto()
    EXPONENT = auto()  # E+ E-
    SLASH = auto()
    GENERAL = auto()
    DATE = auto()  # y m d h s and their like, in lower case
    ELAPSED = auto()  # [h] [mm] [ss], without brackets
    HALF_DAY = auto()  # AM/PM
    TEXT = auto()  # @
    LETTER = auto()  # Unknown to the specification.


@dataclass(frozen=True, slots=True)
class Token:
    """One token and its text: the literal without quotes, the letters of a date."""

    kind: TokenKind
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """One section: tokens, condition, Windows language, numerals ([DBNum1] to [DBNum4]) or 0."""

    tokens: list[Token]
    condition: tuple[str, float] | None = None
    language: int = 0
    numerals: int = 0

    @property
    def is_text(self) -> bool:
        """Whether the section shows texts."""
        return any(token.kind is TokenKind.TEXT for token in self.tokens)

    @property
    def is_date(self) -> bool:
        """Whether the section shows a date or a time."""
        return any(
            token.kind in (TokenKind.DATE, TokenKind.ELAPSED, TokenKind.HALF_DAY)
            for token in self.tokens
        )

    @property
    def is_day(self) -> bool:
        """Whether the section shows a point in time, which elapsed hours are not."""
        return self.is_date and all(token.kind is not TokenKind.ELAPSED for token in self.tokens)


TOKEN: Final = re.compile(
    r'"(?P<quoted>[^"]*)"?'
    r"|[\\!](?P<escaped>.)"
    r"|_(?P<blank>.)"
    r"|\*(?P<fill>.)"
    r"|\[(?P<bracket>[^\]]{0,255})\]"
    r"|(?P<general>general|standard|G/通用格式|G/標準)"
    r"|(?P<half_day>am/pm|a/p|上午/下午|午前/午後|오전/오후)"
    r"|(?P<exponent>e[+-])"
    r"|(?P<date>y+|m+|d+|h+|s+|a{3,}|e+|g+|b{2,})"
    r"|(?P<digit>[0#?])|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|(?P<slash>/)|(?P<text>@)|(?P<end>;)"
    r"|(?P<letter>[a-z])|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
CONDITION: Final = re.compile(
    r"(<=|>=|<>|<|>|=)\s*(-?\d{1,15}(?:\.\d{1,15})?)(?:E([+-]?\d{1,2}))?", re.IGNORECASE
)
ELAPSED: Final = re.compile(r"h+|m+|s+", re.IGNORECASE)
NUMERALS: Final = re.compile(r"DBNum([1-4])", re.IGNORECASE)
LOCALE: Final = re.compile(r"\$([^-\]]*)(?:-([^\]]*))?")
LANGUAGES: Final = {"zh": 0x804, "ja": 0x411, "ko": 0x412}


def sections_of(code: str) -> list[Section]:
    """Cut `code` into its sections; there is at least one."""
    sections: list[Section] = []
    tokens: list[Token] = []
    settings = SectionSettings()
    for match in TOKEN.finditer(code):
        if match["end"]:
            sections.append(settings.section(tokens))
            tokens, settings = [], SectionSettings()
        elif (bracket := match["bracket"]) is not None:
            tokens += settings.read(bracket)
        elif token := _token(match):
            tokens.append(token)
    return [*sections, settings.section(tokens)]


def _token(match: re.Match[str]) -> Token | None:
    name, text = match.lastgroup or "", match[0]
    if name == "fill":
        return None
    if name == "blank":
        return Token(TokenKind.LITERAL, " ")
    if name in ("quoted", "escaped", "other"):
        return Token(TokenKind.LITERAL, match[name])
    if name in ("date", "general"):
        return Token(TokenKind[name.upper()], text.lower())
    return Token(TokenKind[name.upper()], text)


class SectionSettings:
    """The settings in the brackets of one section."""

    def __init__(self) -> None:
        self._condition: tuple[str, float] | None = None
        self._language = self._numerals = 0

    def read(self, bracket: str) -> list[Token]:
        """Read one pair of brackets and return its tokens."""
        if ELAPSED.fullmatch(bracket):
            return [Token(TokenKind.ELAPSED, bracket.lower())]
        if condition := CONDITION.fullmatch(bracket):
            self._condition = (condition[1], float(condition[2]) * 10.0 ** int(condition[3] or 0))
        elif numerals := NUMERALS.fullmatch(bracket):
            self._numerals = int(numerals[1])
        elif locale := LOCALE.fullmatch(bracket):
            self._language = _language(locale[2] or "") or self._language
            return [Token(TokenKind.LITERAL, locale[1])] if locale[1] else []
        return []

    def section(self, tokens: list[Token]) -> Section:
        """Return the section that consists of `tokens` under these settings."""
        return Section(tokens, self._condition, self._language, self._numerals)


def _language(locale: str) -> int:
    """Return the Windows language of "804", "zh-CN" or "x-sysdate", 0 if there is none."""
    try:
        return int(locale.split(",")[0], 16) & 0xFFFF
    except ValueError:
        return LANGUAGES.get(locale[:2].lower(), 0)
