"""Sections of number formats for numbers: digits, literals, thousands, percent, exponents.

All functions made here take numbers of at least 0; signs belong to the choice of the section.
"""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from ingestion.parsing.spreadsheets.number_formats.fractions import fraction_section
from ingestion.parsing.spreadsheets.number_formats.tokens import Section, Token, TokenKind
from ingestion.parsing.text.numerals import CHINESE, COUNTINGS, DIGITS, Counting, counted

Shown = Callable[[float], str]

EXACT: Final = Context(prec=700, rounding=ROUND_HALF_UP)
MAX_COUNTED: Final = 10**16
MAX_FAST, NEAR_HALF = 1e11, 1e-3
JAPANESE, CHINESE_TRADITIONAL = 0x11, (0x404, 0xC04, 0x1404)
PRIMARY_LANGUAGE: Final = 0x3FF


def number(value: float) -> str:
    """Return a number without binary rounding errors, and without an exponent if possible."""
    if isinstance(value, float) and not value.is_integer():
        return format(round(value, 10), ".12g") if abs(value) >= 1e-4 else format(value, ".10g")
    return str(int(value)) if abs(value) < 1e21 else repr(value)


def rounded(value: float, unit: Decimal, shift: int = 0) -> Decimal:
    """Return `value` · 10 ** `shift`, in multiples of `unit`, halves away from zero.

    A spreadsheet keeps 15 digits of a number, and rounds those.
    """
    return Decimal(format(value, ".15g")).scaleb(shift, EXACT).quantize(unit, context=EXACT)


def number_section(section: Section) -> Shown | None:
    """Return the function that shows numbers in `section`; None if the section is unknown."""
    tokens = section.tokens
    kinds = [token.kind for token in tokens]
    if TokenKind.GENERAL in kinds:
        return _general(tokens, section)
    if (
        TokenKind.SLASH in kinds
        and TokenKind.DIGIT in kinds
        and (shown := fraction_section(tokens))
    ):
        return shown
    if TokenKind.EXPONENT in kinds:
        return _scientific(tokens)
    if TokenKind.DIGIT not in kinds and TokenKind.POINT not in kinds:
        text = "".join(token.text for token in tokens).strip()
        return None if TokenKind.LETTER in kinds else lambda _value: text
    digits = _numerals(section)
    if digits is None and (shown := _plain(tokens, kinds)):
        return shown
    layout = DigitLayout(tokens)
    return lambda value: layout.shown(value).translate(digits) if digits else layout.shown(value)


def _general(tokens: list[Token], section: Section) -> Shown:
    place = [token.kind for token in tokens].index(TokenKind.GENERAL)
    before, after = (
        "".join(token.text for token in part) for part in (tokens[:place], tokens[place + 1 :])
    )
    words = _words(section)

    def shown(value: float) -> str:
        text = number(value)
        if words and value < MAX_COUNTED and "e" not in text:
            whole, point, fraction = text.partition(".")
            said = counted(int(whole), words) if int(whole) else words.digits[0]
            text = said + point + "".join(words.digits[int(digit)] for digit in fraction)
        return f"{before}{text}{after}".strip()

    return shown


def _words(section: Section) -> Counting | None:
    """Return the words in which [DBNum1], [DBNum2] and [DBNum3] write a whole number."""
    is_japanese = section.language & PRIMARY_LANGUAGE == JAPANESE
    if section.numerals == 1:
        return (
            COUNTINGS["japaneseCounting"]
            if is_japanese
            else CHINESE._replace(digits="〇一二三四五六七八九", keeps_one=True)
        )
    if section.numerals == 2:
        if is_japanese:
            return COUNTINGS["japaneseLegal"]
        is_traditional = section.language in CHINESE_TRADITIONAL
        return COUNTINGS[
            "ideographLegalTraditional" if is_traditional else "chineseLegalSimplified"
        ]
    return (
        CHINESE._replace(digits="０１２３４５６７８９", keeps_one=True)
        if section.numerals == 3
        else None
    )


def _numerals(section: Section) -> dict[int, int] | None:
    """Return the table that turns digits into the numerals of the section."""
    if section.numerals == 3:
        figures = DIGITS["decimalFullWidth"]
    elif words := _words(section):
        figures = words.digits
    else:
        return None
    return str.maketrans("0123456789", figures)


def _plain(tokens: list[Token], kinds: list[TokenKind]) -> Shown | None:
    """Return the function for a section of contiguous digits, the most frequent kind, or None."""
    first = next(
        place for place, kind in enumerate(kinds) if kind in (TokenKind.DIGIT, TokenKind.POINT)
    )
    last = max(
        place for place, kind in enumerate(kinds) if kind in (TokenKind.DIGIT, TokenKind.POINT)
    )
    code = "".join(token.text for token in tokens[first : last + 1])
    whole, _point, fraction = code.partition(".")
    is_together = {*kinds[first : last + 1]} <= {TokenKind.DIGIT, TokenKind.POINT, TokenKind.COMMA}
    groups = "," in whole
    if (
        not is_together
        or whole.strip("#,0")
        or fraction.strip("0")
        or whole.rstrip("0#") not in ("", "#,", "#,#")
    ):
        return None
    if TokenKind.COMMA in kinds[last + 1 :] or not whole.endswith("0") or code.endswith("."):
        return None
    decimals, padded = len(fraction), whole.count("0") if not groups else 1
    shift = 2 * kinds.count(TokenKind.PERCENT)
    before = "".join(token.text for token in tokens[:first]).lstrip()
    after = "".join(token.text for token in tokens[last + 1 :]).rstrip()
    unit, spec, exact_spec = (
        Decimal(1).scaleb(-decimals),
        f"{',' if groups else ''}.{decimals}f",
        ",f" if groups else "f",
    )
    width, scale = padded + (decimals + 1 if decimals else 0), 10.0**shift
    units = scale * 10.0**decimals

    def shown(value: float) -> str:
        text = (
            # Twice as fast, and correct unless a half is rounded.
            format(value * scale, spec)
            if value * units < MAX_FAST and abs(value * units % 1 - 0.5) > NEAR_HALF
            else format(rounded(value, unit, shift), exact_spec)
        )
        return f"{before}{text.zfill(width)}{after}"

    return shown if not groups or whole == "#,##0" else None


def _scientific(tokens: list[Token]) -> Shown | None:
    """Return the function for numbers with an exponent, a multiple of the digits before it."""
    at = [token.kind for token in tokens].index(TokenKind.EXPONENT)
    mantissa, tail = DigitLayout(tokens[:at]), tokens[at + 1 :]
    places = sum(token.kind is TokenKind.DIGIT for token in tail)
    after = "".join(token.text for token in tail if token.kind is not TokenKind.DIGIT)
    step, sign_always = max(mantissa.whole_places, 1), tokens[at].text.endswith("+")
    if not places:
        return None

    def shown(value: float) -> str:
        exponent = Decimal(format(value, ".15g")).adjusted() if value else 0
        exponent -= exponent % step
        if rounded(value, mantissa.unit, -exponent) >= 10**step:
            exponent += step
        text = mantissa.shown(value, -exponent)
        sign = "-" if exponent < 0 else "+" if sign_always else ""
        return f"{text}{tokens[at].text[0]}{sign}{abs(exponent):0{places}}{after}".strip()

    return shown


class DigitLayout:
    """Digits of a section in their places, with any tokens between them."""

    def __init__(self, tokens: list[Token]) -> None:
        kinds = [token.kind for token in tokens]
        point = kinds.index(TokenKind.POINT) if TokenKind.POINT in kinds else len(tokens)
        whole = [place for place in range(point) if kinds[place] is TokenKind.DIGIT]
        fraction = [place for place in range(point, len(tokens)) if kinds[place] is TokenKind.DIGIT]
        last = max((*whole, *fraction), default=point)
        commas = [
            place
            for place, kind in enumerate(kinds)
            if kind is TokenKind.COMMA and whole and place > whole[0]
        ]
        trailing = [place for place in commas if place > last or whole[-1] < place < point]
        self._grouped = any(place < whole[-1] for place in commas)
        self._shift = 2 * kinds.count(TokenKind.PERCENT) - 3 * len(trailing)
        self._tokens, self._point = tokens, point
        self._first = whole[0] if whole else point
        self.whole_places, self.unit = len(whole), Decimal(1).scaleb(-len(fraction))

    def shown(self, value: float, shift: int = 0) -> str:
        """Return a number of at least 0, times ten to the power of `shift`, in these places."""
        digits = format(rounded(value, self.unit, self._shift + shift), "f")
        whole, _point, fraction = digits.partition(".")
        text = self._whole(whole.lstrip("0")) + self._fraction(fraction)
        return " ".join(text.split()) if "  " in text else text.strip()

    def _whole(self, digits: str) -> str:
        """Fill the places before the point from the right; surplus digits go to the first place."""
        pieces: list[str] = []
        count = 0
        for place in range(self._point - 1, -1, -1):
            token = self._tokens[place]
            if token.kind is TokenKind.DIGIT:
                taken = len(digits) if place == self._first else 1
                filled = (
                    digits[len(digits) - taken :]
                    if digits
                    else {"0": "0", "?": " "}.get(token.text, "")
                )
                digits = digits[: len(digits) - taken]
                for digit in reversed(filled):
                    if self._grouped and count and count % 3 == 0 and digit != " ":
                        pieces.append(",")
                    pieces.append(digit)
                    count += 1
            elif token.kind is not TokenKind.COMMA:
                pieces.append(token.text)
        before = "".join(reversed(pieces))
        return before + digits if self._first == self._point else before

    def _fraction(self, digits: str) -> str:
        kept = len(digits.rstrip("0"))
        pieces: list[str] = []
        place = 0
        for token in self._tokens[self._point :]:
            if token.kind is TokenKind.DIGIT:
                shown = place < kept or token.text == "0"
                pieces.append(digits[place] if shown else " " if token.text == "?" else "")
                place += 1
            elif token.kind is not TokenKind.COMMA:
                pieces.append(token.text)
        return "".join(pieces)
