"""The computed numbers that PowerPoint shows before paragraphs: "2.", "b)", "三、".

Steps are referred to by these numbers, which the text does not contain. Bullets give "".
"""

from typing import Any

from ingestion.parsing.office.docx.numbering import MAX_NUMBER
from ingestion.parsing.office.drawings import A
from ingestion.parsing.text.numerals import written

# Prefixes of numbering schemes with the number formats of Word; the first match counts.
FIGURES = (
    ("alphaLc", "lowerLetter"),
    ("alphaUc", "upperLetter"),
    ("romanLc", "lowerRoman"),
    ("romanUc", "upperRoman"),
    ("circleNum", "decimalEnclosedCircle"),
    ("ea1", "chineseCountingThousand"),
)
FRAMES = (("ParenBoth", "(%s)"), ("ParenR", "%s)"), ("Period", "%s."), ("Minus", "%s-"))
MAX_LEVEL = 8


class ParagraphNumbers:
    """The counters of the paragraphs of one shape, by depth."""

    def __init__(self) -> None:
        self._at: dict[
            int, tuple[str, int, int]
        ] = {}  # The kind, where it begins, and the number shown last.

    def label(self, paragraph: Any) -> str:
        """Count a paragraph with text and return the number that PowerPoint shows before it."""
        properties = paragraph.find(f"{A}pPr")
        numbered = None if properties is None else properties.find(f"{A}buAutoNum")
        depth = 0 if properties is None else _whole(properties.get("lvl"), 0, MAX_LEVEL)
        before = self._at.get(depth)
        self._at = {level: count for level, count in self._at.items() if level < depth}
        if numbered is None:
            return ""
        kind, start = numbered.get("type") or "", _whole(numbered.get("startAt"), 1, MAX_NUMBER)
        number = before[2] + 1 if before and before[:2] == (kind, start) else start
        self._at[depth] = (kind, start, number)
        figures = next((figures for name, figures in FIGURES if kind.startswith(name)), "decimal")
        frame = next((frame for name, frame in FRAMES if kind.endswith(name)), "%s")
        return frame % written(number, figures)


def _whole(value: str | None, default: int, largest: int) -> int:
    return min(int(value), largest) if value and value.isdecimal() else default
