"""Sections of number formats that show fractions: "# ?/?", "# ??/16", "?/?"."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from ingestion.parsing.spreadsheets.number_formats.tokens import Token, TokenKind

MAX_DENOMINATOR_DIGITS = 7


def fraction_section(tokens: list[Token]) -> Callable[[float], str] | None:
    """Return the function that shows a number from 0 as a fraction; None without digits."""
    slash = [token.kind for token in tokens].index(TokenKind.SLASH)
    start = slash
    while start and tokens[start - 1].kind is TokenKind.DIGIT:
        start -= 1
    end = slash + 1
    while end < len(tokens) and (
        tokens[end].kind is TokenKind.DIGIT or tokens[end].text.isdecimal()
    ):
        end += 1
    below = "".join(token.text for token in tokens[slash + 1 : end])
    if start == slash or not below or len(below) > MAX_DENOMINATOR_DIGITS:
        return None
    fixed = int(below) if below.isdecimal() and int(below) else None
    whole = [place for place in range(start) if tokens[place].kind is TokenKind.DIGIT]
    before = "".join(token.text for token in tokens[: whole[0] if whole else start])
    after = "".join(token.text for token in tokens[end:])
    shows_zero = any(tokens[place].text == "0" for place in whole)

    def shown(value: float) -> str:
        exact = Fraction(Decimal(format(value, ".15g")))
        above = int(exact) if whole else 0
        top, bottom = _closest(exact - above, fixed, 10 ** len(below) - 1)
        if whole and top == bottom:
            above, top = above + 1, 0
        said = [str(above)] if whole and (above or shows_zero or not top) else []
        said += [f"{top}/{bottom}"] if top or not whole else []
        return f"{before}{' '.join(said)}{after}".strip()

    return shown


def _closest(exact: Fraction, fixed: int | None, largest: int) -> tuple[int, int]:
    if fixed:
        top = Decimal(exact.numerator * fixed) / Decimal(exact.denominator)
        return int(top.quantize(Decimal(1), rounding=ROUND_HALF_UP)), fixed
    found = exact.limit_denominator(largest)
    return found.numerator, found.denominator
