"""Changes a parsed page to the text that a browser shows: list numbers, powers, formulas.

Hidden text is removed. The addresses of links, which a browser hides, follow their words.
"""

import re
from typing import Any

from lxml import html

from ingestion.parsing.markup.mathml import mathml_latex
from ingestion.parsing.text.characters import one_line
from ingestion.parsing.text.links import address_beside
from ingestion.parsing.text.numerals import written
from ingestion.parsing.text.superscripts import raised

UNSEEN = (
    "button", "datalist", "dialog", "iframe", "nav", "noscript", "object", "script", "select", "style", "svg",
    "template", "title",
)  # fmt: skip
DELETED = ("del", "s", "strike")
VERBATIM = {"pre", "listing", "xmp", "plaintext"}
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
FILE_NAME = re.compile(r"\S+\.(?:png|jpe?g|gif|svg|webp|bmp|tiff?)", re.I)
MATH = ("math", "m:math", "mml:math")
LIST_STYLE = re.compile(
    r"list-style(?:-type)?\s*:[^;]{0,60}?\b(none|decimal|(?:lower|upper)-(?:alpha|latin|roman))\b",
    re.I,
)
NUMBERING = {
    "a": "lowerLetter", "lower-alpha": "lowerLetter", "lower-latin": "lowerLetter",
    "A": "upperLetter", "upper-alpha": "upperLetter", "upper-latin": "upperLetter",
    "i": "lowerRoman", "lower-roman": "lowerRoman", "I": "upperRoman", "upper-roman": "upperRoman",
    "1": "decimal", "decimal": "decimal", "none": "none",
}  # fmt: skip
WHOLE_NUMBER = re.compile(r"\s*([+-]?\d{1,6})")
LETTERS = 26


def render(root: Any) -> None:
    """Change a parsed page to the text that a browser shows."""
    for formula in list(root.iter(*MATH)):
        _replace_by_text(formula, mathml_latex(formula))
    for element in list(root.iter(*UNSEEN, *DELETED)):
        if element.getparent() is not None:
            element.drop_tree()
    # KaTeX draws formulas a second time beside their MathML.
    drawn_twice = root.iterfind(".//span[@class='katex-html']")
    for element in [*root.iterfind(".//*[@style]"), *root.iterfind(".//*[@hidden]"), *drawn_twice]:
        if element.getparent() is not None and (
            element.get("hidden") is not None
            or element.get("style") is None
            or HIDDEN.search(element.get("style"))
        ):
            element.drop_tree()
    for picture in root.iter("img", "area"):
        alternative = one_line(picture.get("alt") or "")
        picture.text = "" if FILE_NAME.fullmatch(alternative) else alternative
    for numbered in root.iter("ol"):
        _number(numbered)
    for figures in list(root.iter("sup", "sub")):
        _raise_or_lower(figures)
    for link in list(root.iter("a", "area")):
        _show_address(link)


def _replace_by_text(element: Any, text: str) -> None:
    for child in list(element):
        element.remove(child)
    element.text = text


def _raise_or_lower(node: Any) -> None:
    """Write raised and lowered figures apart from numbers: 10^-6, note marks, log2 8."""
    text = "".join(node.itertext())
    beside, around = node.getprevious(), node.getparent()
    if beside is not None:
        before = beside.tail or "".join(beside.itertext())
    else:
        before = (around.text or "") if around is not None else ""
    if node.tag == "sup" and (shown := raised(before, text)) != text:
        _replace_by_text(node, shown)
    if text.strip().isdecimal() and (node.tail or "")[:1].isdecimal():
        node.tail = f" {node.tail}"


def _number(numbered: Any) -> None:
    """Write the number that a browser shows before each list item."""
    items = list(numbered.iterchildren("li"))
    step = -1 if numbered.get("reversed") is not None else 1
    number = _whole_number(numbered.get("start"), len(items) if step < 0 else 1)
    for item in items:
        number = _whole_number(item.get("value"), number)
        item.set("value", _drawn(number, _numbering(item) or _numbering(numbered)))
        number += step


def _numbering(node: Any) -> str:
    style = LIST_STYLE.search(node.get("style") or "")
    return NUMBERING.get(style[1].lower() if style else node.get("type") or "", "")


def _drawn(number: int, numbering: str) -> str:
    if numbering == "none":
        return ""
    if not numbering.endswith("Letter") or number < 1:
        return f"{written(number, numbering)}. "
    letters = ""
    while number:  # After z comes aa, as in the columns of a sheet.
        number, letter = divmod(number - 1, LETTERS)
        letters = written(letter + 1, numbering) + letters
    return f"{letters}. "


def _whole_number(text: str | None, default: int) -> int:
    found = WHOLE_NUMBER.match(text or "")
    return int(found[1]) if found else default


def _show_address(link: Any) -> None:
    """Write the address of `link` after its words, or below a heading; never in code."""
    address = address_beside("".join(link.itertext()), link.get("href"))
    if not address or next(link.iterancestors(*VERBATIM), None) is not None:
        return
    if (heading := next(link.iterancestors(*HEADINGS), None)) is not None:
        below = html.Element("p")
        below.text, below.tail, heading.tail = address, heading.tail, None
        heading.addnext(below)
    elif len(link):
        link[-1].tail = f"{link[-1].tail or ''} ({address})"
    else:
        link.text = f"{link.text} ({address})"
